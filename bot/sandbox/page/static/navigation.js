// Going from place to place without a new page.

import { all, here, one, parse, root } from './dom.js';
import { morph } from './morph.js';
import { atEnd, settle, toEnd } from './parts.js';
import { listen } from './events.js';
import { post, toast } from './requests.js';

export async function go(url, { push = true, focus = null } = {}) {
  const before = here().as;
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
  else if (matchMedia('(min-width: 800px)').matches && (changed || document.activeElement === document.body)) one('#composer-channel textarea')?.focus();
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
