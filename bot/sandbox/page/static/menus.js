// Menus, and the rows of the drawer, which are filled when they are opened.

import { all, one, parse } from './dom.js';

document.addEventListener('toggle', async (event) => {
  const node = event.target;
  if (node.matches?.('[data-menu]')) return placeMenu(node, event.newState);
  if (!node.matches?.('.exchange') || !node.open) return undefined;
  const body = one('.exchange-body', node);
  const response = await fetch(`/exchange/${node.dataset.exchange}`);
  body.replaceChildren(...parse(await response.text()).body.childNodes);
  node.scrollIntoView({ block: 'nearest' });
  return undefined;
}, true);

function placeMenu(menu, state) {
  const button = one(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (!button) return;
  button.setAttribute('aria-expanded', String(state === 'open'));
  button.closest('.message')?.classList.toggle('menu-open', state === 'open');
  if (state !== 'open') return;
  const from = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = from.bottom + 4 + size.height < innerHeight;
  menu.style.top = `${Math.max(8, below ? from.bottom + 4 : from.top - 4 - size.height)}px`;
  menu.style.left = `${Math.max(8, Math.min(from.left, innerWidth - size.width - 8))}px`;
  one('[role=menuitem]', menu)?.focus();
}

export function menuKey(event, menu) {
  const items = all('[role=menuitem]', menu);
  const at = items.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: items.length - 1 }[event.key];
  if (step) items[(at + step) % items.length].focus();
  else if (event.key === 'Home') items[0].focus();
  else if (event.key === 'End') items.at(-1).focus();
  else if (event.key === 'Tab') return menu.hidePopover();
  else return undefined;
  event.preventDefault();
  return undefined;
}
