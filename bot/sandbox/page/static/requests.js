// Telling the server what a person does, and the person what came of it.

import { here, one } from './dom.js';

// `quiet`: whoever asks says themselves what came of it.
export async function post(deed, fields, { quiet = false } = {}) {
  const body = new FormData();
  body.set('as', here().as);
  if (here().channel) body.set('channel', here().channel);
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) if (item !== undefined && item !== null) body.append(name, item);
  }
  let answer = { ok: false, words: 'The sandbox isn’t answering. Was it stopped?' };
  try {
    const response = await fetch(`/do/${deed}`, { method: 'POST', body });
    answer = response.ok ? await response.json() : { ok: false, words: await response.text() };
  } catch { /* said below */ }
  if (answer.words && !quiet) toast(answer.words, answer.ok);
  return answer;
}

export function toast(words, isGood = false) {
  const item = document.createElement('p');
  item.className = isGood ? 'toast good' : 'toast';
  item.textContent = words;
  const box = one('#toasts');
  box.append(item);
  if (box.matches(':popover-open')) box.hidePopover();
  box.showPopover(); // on top of a modal, too
  setTimeout(() => {
    item.remove();
    if (!box.childElementCount && box.matches(':popover-open')) box.hidePopover();
  }, isGood ? 3000 : 7000);
}

export function ask(json) {
  const confirm = JSON.parse(json);
  const words = (text, otherwise) => text?.text ?? otherwise;
  const dialog = one('#confirm');
  one('#confirm-title').textContent = words(confirm.title, 'Are you sure?');
  one('#confirm-text').textContent = words(confirm.text, '');
  one('#confirm-yes').textContent = words(confirm.confirm, 'Yes');
  one('#confirm-no').textContent = words(confirm.deny, 'Cancel');
  one('#confirm-yes').className = `button ${confirm.style === 'danger' ? 'danger' : 'primary'}`;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener('close', () => done(dialog.returnValue === 'yes'), { once: true }));
}
