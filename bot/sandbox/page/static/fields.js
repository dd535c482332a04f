// The elements of blocks: pressing a button, telling the server what is in a field.

import { all } from './dom.js';
import { unsaid } from './morph.js';
import { refresh } from './parts.js';
import { ask, post } from './requests.js';

export const place = (node) => ({
  view: node.closest('[data-view]')?.dataset.view,
  ts: node.closest('[data-message]')?.dataset.message,
  block: node.closest('[data-block]')?.dataset.block,
});

export async function act(node) {
  if (node.dataset.confirm && !(await ask(node.dataset.confirm))) return;
  node.closest('[popover]')?.hidePopover();
  if (node.dataset.url?.match(/^https?:/)) window.open(node.dataset.url, '_blank', 'noopener');
  await flush();
  node.classList.add('busy');
  await post('click', {
    ...place(node), action: node.dataset.act, kind: node.dataset.kind, value: node.dataset.value, option: node.dataset.option,
  });
  node.classList.remove('busy');
  refresh('messages', 'thread', 'modal', 'home');
}

export const pending = new Map(); // text fields whose value the server does not know yet

function valueOf(field) {
  if (field.matches('.ticks')) return all('input:checked', field).map((input) => input.value);
  if (field.matches('[role=combobox]')) return [field.dataset.chosen];
  if (field.matches('.file-input')) return all('[data-file]', field).map((chip) => chip.dataset.file);
  return [field.value];
}

export async function tell(field, enter = '') {
  clearTimeout(pending.get(field));
  pending.delete(field);
  if (field.dataset.confirm && !(await ask(field.dataset.confirm))) return refresh('messages', 'thread', 'modal', 'home');
  unsaid.changes += 1;
  try {
    await post('change', { ...place(field), action: field.dataset.act, kind: field.dataset.kind, value: valueOf(field), enter });
  } finally { unsaid.changes -= 1; }
  return undefined;
}

export const flush = () => Promise.all([...pending.keys()].map((field) => tell(field)));
