// The parts of the page: fetched again when they have changed, and swapped.

import { all, here, one, parse, root } from './dom.js';
import { morph } from './morph.js';
import { prepareComposer } from './drafts.js';

const waiting = new Map();

export function refresh(...parts) {
  for (const part of parts) {
    if (!one(`[data-region=${part}]`)) continue;
    const state = waiting.get(part) || { busy: false, again: false };
    waiting.set(part, state);
    if (state.busy) state.again = true;
    else state.done = fetchPart(part, state);
  }
  return Promise.all(parts.map((part) => waiting.get(part)?.done));
}

async function fetchPart(part, state) {
  state.busy = true;
  do {
    state.again = false;
    const asked = { ...here() };
    const query = new URLSearchParams({ as: asked.as });
    if (asked.channel) query.set('channel', asked.channel);
    if (asked.thread) query.set('thread', asked.thread);
    if (part === 'drawer') query.set('q', one('#drawer-filter').value);
    try {
      const response = await fetch(`/part/${part}?${query}`);
      const html = await response.text();
      const still = asked.as === here().as && asked.channel === here().channel && asked.thread === here().thread;
      if (!response.ok) break;
      if (!still) state.again = true;
      else swap(part, html);
    } catch { break; }
  } while (state.again);
  state.busy = false;
}

// Lists that stand at their end stay there, when they grow and when their window shrinks.
export const atEnd = new WeakSet();
export const toEnd = (list) => { list.scrollTop = list.scrollHeight; };
const watching = new ResizeObserver((entries) => entries.forEach(({ target }) => atEnd.has(target) && toEnd(target)));
document.addEventListener('scroll', ({ target }) => {
  if (!target.matches?.('[data-list]')) return;
  if (target.scrollHeight - target.scrollTop - target.clientHeight < 80) atEnd.add(target);
  else atEnd.delete(target);
}, true);

function swap(part, html) {
  const region = one(`[data-region=${part}]`);
  if (!region) return;
  const lists = [...all('[data-list]', region), ...(region.matches('[data-list]') ? [region] : [])];
  const low = lists.filter((list) => atEnd.has(list));
  const fresh = region.cloneNode(false);
  fresh.append(...parse(`<body>${html}</body>`).body.childNodes);
  if (part === 'modal') return swapModal(region, fresh);
  morph(region, fresh);
  settle();
  low.forEach(toEnd);
}

function swapModal(region, fresh) {
  const before = one('#modal', region);
  const back = document.activeElement?.id;
  morph(region, fresh);
  settle();
  const now = one('#modal', region);
  if (!now) return before && lastFocus?.isConnected && lastFocus.focus();
  if (now === before && back && !now.contains(document.activeElement)) document.getElementById(back)?.focus();
}

// A field before any button: those above the fields are for what is rarely wanted.
function firstOf(modal) {
  const seen = (stops) => all(stops, modal).find((node) => !node.disabled && node.getClientRects().length);
  return one('[data-autofocus]', modal)
    || seen('.modal-body :is(textarea, select, input:not([type=file]))')
    || seen('.modal-body :is(button:not(.danger), a[href], summary)')
    || seen('.dialog-foot .primary')
    || seen('.dialog-foot button');
}

// Everything that a fresh piece of page needs once.
export function settle() {
  const modal = one('#modal');
  if (modal && !modal.open) {
    if (!all('dialog').some((dialog) => dialog.open)) lastFocus = document.activeElement;
    modal.showModal();
    firstOf(modal)?.focus();
  }
  for (const composer of all('[data-composer]')) if (!composer.dataset.ready) prepareComposer(composer);
  for (const list of all('[data-list]')) {
    watching.observe(list); // a list that is watched already is not watched twice
    if (list.scrollHeight <= list.clientHeight) atEnd.add(list);
  }
  for (const button of all('[data-toggle]')) button.setAttribute('aria-expanded', root.dataset[button.dataset.toggle] === 'open');
}
let lastFocus = null;
