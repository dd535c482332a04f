// External selects: a field that searches at the bot.

import { all, here, one } from './dom.js';
import { refresh } from './parts.js';
import { pending, place, tell } from './fields.js';

export let asked = 0;

export async function suggest(field) {
  const list = document.getElementById(field.getAttribute('aria-controls'));
  const mine = ++asked;
  field.setAttribute('aria-expanded', 'true');
  if (!list.matches(':popover-open')) list.showPopover();
  placeList(field, list);
  if (field.value.length < Number(field.closest('[data-combobox]').dataset.least)) {
    list.replaceChildren(note(`Type at least ${field.closest('[data-combobox]').dataset.least} letters`));
    return;
  }
  if (!list.childElementCount) list.replaceChildren(note('Searching…'));
  await new Promise((done) => setTimeout(done, 150));
  if (mine !== asked) return;
  const where = place(field);
  const query = new URLSearchParams({ as: here().as, view: where.view, block: where.block, action: field.dataset.act, q: field.value });
  const { options } = await fetch(`/options?${query}`).then((r) => r.json(), () => ({ options: [] }));
  if (mine !== asked) return;
  list.replaceChildren(...options.flatMap((option) => (option.options ? [note(option.label?.text ?? ''), ...option.options.map(choice)] : [choice(option)])));
  if (!list.childElementCount) list.replaceChildren(note('No results'));
  placeList(field, list);
  mark(field, list, one('[role=option]', list));
}

// The list lies on top of the modal, so that nothing cuts it off.
function placeList(field, list) {
  const from = field.getBoundingClientRect();
  const room = innerHeight - from.bottom - 12;
  const isBelow = room > 220 || room > from.top;
  list.style.left = `${from.left}px`;
  list.style.width = `${from.width}px`;
  list.style.maxHeight = `${Math.min(300, isBelow ? room : from.top - 12)}px`;
  list.style.top = isBelow ? `${from.bottom + 4}px` : 'auto';
  list.style.bottom = isBelow ? 'auto' : `${innerHeight - from.top + 4}px`;
}

document.addEventListener('scroll', () => {
  const list = one('.listbox:popover-open');
  if (list) placeList(one('input', list.parentElement), list);
}, true);

export function note(words) {
  const line = document.createElement('span');
  line.className = 'list-note';
  line.textContent = words;
  return line;
}

let choices = 0;
function choice(option) {
  const line = document.createElement('span');
  line.setAttribute('role', 'option');
  line.id = `choice-${++choices}`;
  line.dataset.value = option.value;
  line.dir = 'auto';
  line.textContent = option.text.text;
  if (option.description) line.append(Object.assign(document.createElement('small'), { textContent: option.description.text }));
  return line;
}

export function mark(field, list, item) {
  for (const other of all('[role=option]', list)) other.setAttribute('aria-selected', other === item);
  if (item) {
    field.setAttribute('aria-activedescendant', item.id);
    item.scrollIntoView({ block: 'nearest' });
  } else field.removeAttribute('aria-activedescendant');
}

export async function choose(field, item) {
  field.value = item ? item.firstChild.textContent : '';
  field.defaultValue = field.value;
  field.dataset.chosen = item?.dataset.value ?? '';
  closeList(field);
  await tell(field);
  refresh('modal', 'home');
}

export function closeList(field) {
  asked += 1;
  field.setAttribute('aria-expanded', 'false');
  field.removeAttribute('aria-activedescendant');
  const list = document.getElementById(field.getAttribute('aria-controls'));
  list?.replaceChildren();
  if (list?.matches(':popover-open')) list.hidePopover();
}

document.addEventListener('focusin', (event) => {
  if (event.target.matches('.combobox input')) suggest(event.target);
});
document.addEventListener('focusout', (event) => {
  const field = event.target;
  if (field.matches('.combobox input')) {
    closeList(field);
    field.value = field.dataset.chosen ? field.defaultValue : '';
  }
  if (pending.has(field)) tell(field);
});
