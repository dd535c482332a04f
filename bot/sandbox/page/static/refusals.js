// Files that were not taken: they stay where they were put, and what they are for waits.

import { all, one } from './dom.js';

// Says at the field what it did not take.
export function showRefusals(zone) {
  const words = all('.chip.refused', zone).map((chip) => chip.dataset.words);
  one('.file-error', zone)?.remove();
  if (!words.length) return;
  const error = document.createElement('p');
  error.className = 'field-error file-error';
  error.setAttribute('role', 'alert');
  error.dataset.stay = '';
  error.dataset.key = 'file-error';
  error.textContent = `${words.join(' ')} Remove ${words.length === 1 ? 'it' : 'them'}, or choose smaller ones.`;
  one('.chips', zone).after(error);
}

// Whether something stands in `form` that was not taken: then it is not sent, and the focus is there.
export function isHeldUp(form) {
  const refused = one('.chip.refused', form);
  if (!refused) return false;
  one('.chip-remove', refused).focus();
  refused.scrollIntoView({ block: 'nearest' });
  return true;
}
