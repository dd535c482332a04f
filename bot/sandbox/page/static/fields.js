// The elements of blocks: buttons, fields, forms.

import { all, one, root } from './dom.js';
import { typed, unsaid } from './morph.js';
import { refresh } from './parts.js';
import { ask, post } from './posting.js';
import { suggest } from './combobox.js';
import { send, write } from './composer.js';
import { takeFiles } from './files.js';
import { saveEdit } from './edits.js';

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

document.addEventListener('input', (event) => {
  const field = event.target;
  if (field.matches('.composer textarea')) return write(field);
  if (field.id === 'drawer-filter') return refresh('drawer');
  const text = field.closest('[data-view] [data-kind$=_input], [data-view] input[data-kind$=picker]');
  if (field.matches('[role=combobox]')) return suggest(field);
  if (!text || !field.matches('input[data-act], textarea[data-act]')) return undefined;
  typed.add(field);
  count(field);
  clearTimeout(pending.get(field));
  const now = field.dataset.dispatch?.includes('on_character_entered');
  pending.set(field, setTimeout(() => tell(field), now ? 120 : 400));
  return undefined;
});

document.addEventListener('change', async (event) => {
  const field = event.target;
  if (field.type === 'file') return takeFiles(field.closest('[data-dropzone]'), field);
  if (field.matches('select[data-act], [data-act][type=date], [data-act][type=time]')) await tell(field);
  else if (field.closest('.ticks')) await tell(field.closest('.ticks'));
  else return undefined;
  return refresh('modal', 'home', ...(field.closest('[data-message]') ? ['messages', 'thread'] : []));
});

function count(field) {
  const counter = field.parentElement?.querySelector('.counter');
  if (!counter) return;
  const left = Number(field.dataset.most) - field.value.length;
  counter.textContent = left;
  counter.classList.toggle('over', left < 0);
}

let submitting = false;

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (form.method === 'dialog') return;
  event.preventDefault();
  if (form.matches('[data-composer]')) return void send(form);
  if (form.matches('[data-balance]')) {
    await post('balance', { balance: form.elements.balance.value });
    return void refresh('status', 'weather');
  }
  if (form.matches('[data-edit-form]')) return void saveEdit(form);
  if (!form.matches('[data-submit-view]') || submitting) return;
  submitting = true;
  root.classList.add('submitting');
  await flush();
  await post('submit', place(form));
  await refresh('modal', 'messages', 'thread');
  root.classList.remove('submitting');
  submitting = false;
  const wrong = one('#modal .has-error :is(textarea, select, input)');
  if (wrong) {
    wrong.focus({ preventScroll: true });
    wrong.closest('.block').scrollIntoView({ block: 'nearest' });
  }
});
