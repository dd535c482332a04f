// Going from place to place without a new page.

import { all, here, one, parse, root } from './dom.js';
import { morph } from './morph.js';
import { atEnd, settle, toEnd } from './parts.js';
import { listen } from './events.js';
import { post, toast } from './requests.js';

export async function go(url, { push = true, focus = null } = {}) {
  const before = here().as;
  const left = here().thread;
  const response = await fetch(url, { headers: { accept: 'text/html' } });
  if (!response.ok) return toast('You can’t open that page.');
  const page = parse(await response.text());
  const changed = page.body.dataset.channel !== here().channel || page.body.dataset.as !== before;
  document.title = page.title;
  if (push) history.pushState(null, '', url);
  const drawerList = one('[data-region=drawer]', page);
  if (drawerList) drawerList.replaceChildren(...all('[data-region=drawer] > *').map((node) => node.cloneNode(true)));
  const wasLow = all('main [data-list]').some((list) => atEnd.has(list));
  morph(document.body, page.body);
  delete root.dataset.sidebar;
  settle();
  if (changed || wasLow) all('main [data-list]').forEach(toEnd);
  all('.thread [data-list]').forEach(toEnd);
  if (before !== here().as) listen();
  showHash();
  openHome();
  if (focus) one(`#composer-${focus} textarea`)?.focus();
  else if (here().thread && (here().thread !== left || changed)) focusThread();
  else if (left && !here().thread && !changed) leaveThread(left);
  else if (isWide() && (changed || document.activeElement === document.body)) one('#composer-channel textarea')?.focus();
}

const isWide = () => matchMedia('(min-width: 800px)').matches;

// Into the field to write in; on a phone, whose keyboard that would open, to what was said.
export function focusThread() {
  one(isWide() ? '#composer-thread textarea' : '.thread [data-list]')?.focus();
}

// Back to where the thread was opened.
function leaveThread(ts) {
  const message = document.getElementById(`m-${ts}`);
  (message && one('.replies', message) || message)?.focus();
}

export function showHash() {
  const id = location.hash.slice(1);
  if (!id) return;
  const target = document.getElementById(id) || document.getElementById(id.replace(/^m-/, 't-'));
  if (!target) return;
  target.scrollIntoView({ block: 'center' });
  target.classList.add('flash');
  setTimeout(() => target.classList.remove('flash'), 2400);
}

export function openHome() {
  if (here().place === 'home') post('open_home', {});
  if (here().tab === 'messages') post('open_messages', {});
}
