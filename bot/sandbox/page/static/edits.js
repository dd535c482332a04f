// Changing own messages.

import { one } from './dom.js';
import { refresh } from './parts.js';
import { post } from './requests.js';

export function startEdit(ts, article) {
  const body = one('.body', article);
  const form = document.createElement('form');
  form.dataset.editForm = ts;
  form.className = 'edit-form';
  const area = Object.assign(document.createElement('textarea'), { value: body.innerText.replace(/\s*\(edited\)$/, ''), rows: 2 });
  area.setAttribute('aria-label', 'Edit the message');
  const button = (words, kind, type) => Object.assign(document.createElement('button'), { textContent: words, className: `button ${kind} small`, type });
  const no = button('Cancel', 'plain', 'button');
  no.addEventListener('click', () => endEdit(body));
  form.append(area, no, button('Save', 'primary', 'submit'));
  body.dataset.keep = ''; // what happens meanwhile does not take the text away
  body.replaceChildren(form);
  area.focus();
}

export async function saveEdit(form) {
  await post('edit', { ts: form.dataset.editForm, text: one('textarea', form).value });
  endEdit(form.parentElement);
}

export function endEdit(body) {
  delete body.dataset.keep;
  body.replaceChildren();
  refresh('messages', 'thread');
}
