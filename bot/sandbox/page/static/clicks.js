// What a click does, by what was clicked.

import { memory, one, root } from './dom.js';
import { refresh, settle } from './parts.js';
import { go } from './navigation.js';
import { ask, post, toast } from './requests.js';
import { act, flush, place, tell } from './fields.js';
import { choose } from './combobox.js';
import { insert, write } from './composer.js';
import { startEdit } from './edits.js';
import { showRefusals } from './refusals.js';

document.addEventListener('click', async (event) => {
  const target = event.target.closest('a, button, [role=option], summary');
  if (!target || event.defaultPrevented) return;
  if (target.matches('a[data-go]') && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    return void go(target.href, { focus: target.hasAttribute('data-focus-composer') ? 'thread' : null });
  }
  if (target.matches('[data-zoom]')) {
    event.preventDefault();
    return void zoom(target);
  }
  if (target.matches('button[data-act]')) return void act(target);
  if (target.matches('a[data-act]')) return void post('click', { ...place(target), action: target.dataset.act, kind: 'button', value: target.dataset.value });
  if (target.matches('[data-do]')) return void doDeed(target);
  if (target.matches('[data-toggle]')) return void toggle(target.dataset.toggle);
  if (target.matches('[data-theme-switch]')) return void switchTheme();
  if (target.matches('[data-copy]')) return void copy(target);
  if (target.matches('[data-edit]')) {
    target.closest('[popover]').hidePopover();
    return void startEdit(target.dataset.edit, target.closest('[data-message]'));
  }
  if (target.matches('[data-filter]')) {
    event.preventDefault();
    one('#drawer-filter').value = target.dataset.filter;
    return void refresh('drawer');
  }
  if (target.matches('[data-drop-file]')) return void dropFile(target);
  if (target.matches('.combobox .clear')) return void choose(one('input', target.parentElement), null);
  if (target.matches('.suggestions [role=option]')) return void insert(one('textarea', target.closest('form')), target);
  if (target.matches('.composer [data-insert]')) {
    const area = one('textarea', target.closest('form'));
    const mark = target.dataset.insert;
    if (mark === '/') area.value = area.value.startsWith('/') ? area.value : `/${area.value}`;
    else area.setRangeText(/(^|\s)$/.test(area.value.slice(0, area.selectionStart)) ? '@' : ' @', area.selectionStart, area.selectionEnd, 'end');
    area.focus();
    if (mark === '/') area.setSelectionRange(1, 1);
    write(area);
  }
});

// A choice is taken before the field loses its focus.
document.addEventListener('mousedown', (event) => {
  const item = event.target.closest('.listbox [role=option]');
  if (!item) return;
  event.preventDefault();
  choose(one('input', item.closest('.combobox')), item);
});

async function doDeed(target) {
  if (target.dataset.confirm && !(await ask(target.dataset.confirm))) return;
  target.closest('[popover]')?.hidePopover();
  const { do: deed, callback, ts, fault, clear } = target.dataset;
  if (deed === 'close') await flush();
  target.classList.add('busy');
  await post(deed, { ...place(target), callback, ts: ts ?? place(target).ts, fault, clear });
  target.classList.remove('busy');
  await refresh('status', 'weather', 'messages', 'thread', 'modal', 'sidebar');
}

async function dropFile(button) {
  const zone = button.closest('[data-dropzone]');
  const chip = button.closest('.chip');
  chip.remove();
  showRefusals(zone);
  if (!chip.dataset.file) return void one('input[type=file], textarea', zone)?.focus(); // nobody knows of it
  if (zone.dataset.act) {
    await tell(zone);
    refresh('modal');
  } else write(one('textarea', zone));
}

export function toggle(name) {
  const isOpen = root.dataset[name] === 'open';
  if (isOpen) delete root.dataset[name];
  else root.dataset[name] = 'open';
  if (name !== 'sidebar') memory.set(name, isOpen ? '' : 'open');
  settle();
  if (!isOpen) refresh(name);
  if (!isOpen && name === 'drawer') one('#drawer-filter').focus({ preventScroll: true });
  if (!isOpen && name === 'sidebar') one('.sidebar a')?.focus();
}

function switchTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  memory.set('theme', root.dataset.theme);
}

async function copy(target) {
  target.closest('[popover]')?.hidePopover();
  try {
    await navigator.clipboard.writeText(target.dataset.copy);
    toast('Copied.', true);
  } catch { toast('The browser blocked copying.'); }
}

function zoom(link) {
  const picture = one('img', link);
  const box = one('#lightbox');
  one('img', box).src = link.getAttribute('href');
  one('img', box).alt = picture.alt;
  one('p', box).textContent = picture.alt;
  one('a', box).href = link.getAttribute('href');
  box.showModal();
}

document.addEventListener('click', (event) => {
  if (event.target.id === 'lightbox') event.target.close();
});

// A picture that the browser could not load is said, not shown as a hole.
document.addEventListener('error', (event) => {
  const image = event.target;
  if (image.nodeName === 'IMG' && image.closest('.block-image, .files')) {
    const words = document.createElement('span');
    words.className = 'no-picture';
    words.textContent = `This picture could not be loaded. ${image.alt}`;
    image.replaceWith(words);
  }
}, true);
