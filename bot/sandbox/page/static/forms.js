// What typing, choosing and submitting do.

import { one, root } from './dom.js';
import { typed } from './morph.js';
import { refresh } from './parts.js';
import { post, toast } from './requests.js';
import { flush, pending, place, tell } from './fields.js';
import { suggest } from './combobox.js';
import { send, write } from './composer.js';
import { takeFiles } from './files.js';
import { isHeldUp } from './refusals.js';
import { saveEdit } from './edits.js';

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
  if (one('.chip.loading', form)) return void toast('A file is still uploading.');
  if (isHeldUp(form)) return;
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
