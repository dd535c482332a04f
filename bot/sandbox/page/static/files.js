// Files, picked, dropped or pasted.

import { all, one } from './dom.js';
import { refresh } from './parts.js';
import { post, toast } from './requests.js';
import { tell } from './fields.js';
import { write } from './composer.js';
import { showRefusals } from './refusals.js';

export async function takeFiles(zone, input, dropped) {
  const files = [...(dropped ?? input.files)];
  if (input) input.value = '';
  const isView = Boolean(zone.dataset.act);
  const room = isView ? Number(zone.dataset.most) - all('[data-file]', zone).length : 10;
  if (files.length > room) toast(room > 0 ? `You can only add ${room} more.` : 'You can’t add more files.');
  for (const file of files.slice(0, Math.max(0, room))) {
    const chip = addChip(zone, file.name);
    const answer = await post('upload', { upload: file, for: isView ? 'view' : 'message' }, { quiet: true });
    if (answer.ok) fillChip(chip, answer);
    else refuseChip(chip, file.name, answer.words);
  }
  showRefusals(zone);
  if (isView) {
    await tell(zone);
    for (const chip of all('.chip[data-stay]:not(.refused)', zone)) delete chip.dataset.stay;
    refresh('modal');
  } else write(one('textarea', zone));
}

function addChip(zone, name) {
  const chip = document.createElement('li');
  chip.className = 'chip loading';
  chip.dataset.stay = ''; // a redraw that comes before the upload is over does not take it away
  chip.append(Object.assign(document.createElement('span'), { className: 'chip-name', textContent: name, dir: 'auto' }));
  one('.chips', zone).append(chip);
  return chip;
}

function fillChip(chip, { id, name, url }) {
  chip.classList.remove('loading');
  chip.dataset.file = id;
  chip.dataset.key = id;
  if (url) chip.prepend(Object.assign(document.createElement('img'), { src: url, alt: '' }));
  addRemoval(chip, name);
}

let refusals = 0;

// It stays where it was put until the person takes it away: else what they send lacks it, unseen.
function refuseChip(chip, name, words) {
  chip.classList.replace('loading', 'refused');
  chip.dataset.key = `refused-${refusals += 1}`;
  chip.dataset.words = words;
  addRemoval(chip, name);
}

function addRemoval(chip, name) {
  const away = document.createElement('button');
  away.type = 'button';
  away.className = 'chip-remove';
  away.dataset.dropFile = '';
  away.setAttribute('aria-label', `Remove ${name}`);
  away.textContent = '×';
  chip.append(away);
}

for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const zone = event.target.closest?.('[data-dropzone]')
      || (one('#modal') ? null : one('[data-dropzone]', event.target.closest?.('.thread, main') ?? document.createElement('i')));
    for (const other of all('.dropping')) other.classList.remove('dropping');
    if (zone && kind === 'dragover') zone.classList.add('dropping');
    if (zone && kind === 'drop') takeFiles(zone, null, event.dataTransfer.files);
  });
}

document.addEventListener('paste', (event) => {
  const zone = event.target.closest?.('[data-composer]');
  if (zone && event.clipboardData.files.length) {
    event.preventDefault();
    takeFiles(zone, null, event.clipboardData.files);
  }
});
