// What is written in a composer and not sent yet: kept in the browser, shown again.

import { memory, one } from './dom.js';

export function prepareComposer(composer) {
  composer.dataset.ready = '1';
  const area = one('textarea', composer);
  area.value = memory.get(composer.dataset.key) || '';
  grow(area);
  composer.classList.toggle('filled', Boolean(area.value.trim()));
}

export function grow(area) {
  area.style.height = 'auto';
  area.style.height = `${Math.min(area.scrollHeight, 240)}px`;
}
