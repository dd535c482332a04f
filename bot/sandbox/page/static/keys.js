// What keys do.

import { all, one, root } from './dom.js';
import { refresh } from './parts.js';
import { post } from './requests.js';
import { flush, tell } from './fields.js';
import { choose, closeList, mark, suggest } from './combobox.js';
import { closeSuggestions, insert } from './composer.js';
import { endEdit } from './edits.js';
import { toggle } from './clicks.js';
import { menuKey } from './menus.js';

document.addEventListener('keydown', (event) => {
  const target = event.target;
  if (event.isComposing) return;
  if (target.matches('.composer textarea')) return void composerKey(event, target);
  if (target.matches('.combobox input')) return void comboboxKey(event, target);
  if (event.key === 'Tab' && target.closest?.('#modal')) keepInside(event, target.closest('#modal'));
  const menu = target.closest?.('[data-menu]');
  if (menu) return void menuKey(event, menu);
  if (target.matches('[data-edit-form] textarea')) {
    if (event.key === 'Escape') endEdit(target.form.parentElement);
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      target.form.requestSubmit();
    }
    return;
  }
  if (event.key === 'Enter' && target.matches('[data-view] input[data-dispatch*=on_enter_pressed]') && target.dataset.dispatch) {
    event.preventDefault();
    tell(target, '1').then(() => refresh('modal', 'home'));
    return;
  }
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && target.closest('#modal')) {
    event.preventDefault();
    target.closest('form').requestSubmit();
    return;
  }
  if (target.matches('[data-message]') && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    event.preventDefault();
    const rows = all('[data-message]', target.closest('[data-list]'));
    rows[rows.indexOf(target) + (event.key === 'ArrowUp' ? -1 : 1)]?.focus();
    return;
  }
  if (event.key === 'Escape' && !all('dialog').some((dialog) => dialog.open)) escape();
});

// Tab goes round inside a modal.
function keepInside(event, modal) {
  const stops = all('button, a[href], select, textarea, input', modal).filter((node) => !node.disabled && node.tabIndex >= 0 && node.getClientRects().length);
  const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (event.target !== from) return;
  event.preventDefault();
  to.focus();
}

function composerKey(event, area) {
  const list = document.getElementById(area.getAttribute('aria-controls'));
  const items = all('[role=option]', list);
  const current = items.findIndex((item) => item.getAttribute('aria-selected') === 'true');
  if (items.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    mark(area, list, items[(current + (event.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length]);
  } else if (items.length && (event.key === 'Tab' || event.key === 'Enter') && !event.shiftKey && items[current].dataset.insert.trim() !== area.value.trim()) {
    event.preventDefault();
    insert(area, items[current]);
  } else if (event.key === 'Escape' && !list.hidden) {
    event.stopPropagation();
    closeSuggestions(area);
  } else if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    closeSuggestions(area);
    area.form.requestSubmit();
  } else if (event.key === 'ArrowUp' && !area.value) {
    const rows = all('[data-message]', area.closest('.thread, main'));
    rows.at(-1)?.focus();
  } else if (event.key === 'Escape') escape();
}

function comboboxKey(event, field) {
  const list = document.getElementById(field.getAttribute('aria-controls'));
  const items = all('[role=option]', list);
  const current = items.findIndex((item) => item.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (!list.matches(':popover-open')) suggest(field);
    else if (items.length) mark(field, list, items[(current + (event.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length]);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    if (items[current]) choose(field, items[current]);
  } else if (event.key === 'Escape' && list.matches(':popover-open')) {
    event.preventDefault();
    event.stopPropagation();
    closeList(field);
  } else if (event.key === 'Backspace' && field.dataset.chosen) {
    event.preventDefault();
    choose(field, null).then(() => suggest(field));
  }
}

function escape() {
  if (root.dataset.sidebar) return toggle('sidebar');
  if (root.dataset.weather) return toggle('weather');
  if (root.dataset.drawer) return toggle('drawer');
  return one('.thread .close-thread')?.click();
}

// Escape in a modal: the server closes the view, then the part is drawn without it.
document.addEventListener('cancel', async (event) => {
  const dialog = event.target;
  if (dialog.id !== 'modal') return;
  event.preventDefault();
  await flush();
  await post('close', { view: dialog.dataset.view });
  refresh('modal');
}, true);
