// Composers: completion of commands and names, and sending.

import { all, memory, one } from './dom.js';
import { grow } from './drafts.js';
import { refresh } from './parts.js';
import { post, toast } from './requests.js';
import { mark } from './combobox.js';
import { isHeldUp } from './refusals.js';

const features = () => JSON.parse(one('#features').textContent);

export function write(area) {
  const composer = area.form;
  grow(area);
  memory.set(composer.dataset.key, area.value);
  composer.classList.toggle('filled', Boolean(area.value.trim()) || Boolean(one('[data-file]', composer)));
  complete(area);
}

function complete(area) {
  const list = document.getElementById(area.getAttribute('aria-controls'));
  const before = area.value.slice(0, area.selectionStart);
  const items = [];
  const command = /^\/(\S*)$/.exec(before);
  const hint = /^(\/\S+)\s/.exec(area.value);
  const mention = /(?:^|\s)@(\w*)$/.exec(before);
  if (command) {
    for (const one of features().commands) if (one.name.startsWith(`/${command[1].toLowerCase()}`)) items.push({ insert: `${one.name} `, ...one });
  } else if (mention) {
    const people = ['Imagine', ...all('.person').map((person) => one('span', person).firstChild.textContent)];
    for (const name of new Set(people)) {
      if (name.toLowerCase().startsWith(mention[1].toLowerCase())) items.push({ insert: `@${name} `, replace: mention[1].length + 1, name: `@${name}`, hint: '', description: name === 'Imagine' ? 'App' : 'Person' });
    }
  }
  const known = hint && features().commands.find((one) => one.name === hint[1]);
  list.replaceChildren(...items.map((item, index) => suggestion(item, index, area)));
  if (!items.length && known) list.replaceChildren(usage(known, Boolean(area.form.dataset.thread)));
  list.hidden = !list.childElementCount;
  list.setAttribute('role', items.length ? 'listbox' : 'note');
  list.setAttribute('aria-label', items.length ? 'Suggestions' : 'Usage');
  mark(area, list, one('[role=option]', list));
}

function suggestion(item, index, area) {
  const line = document.createElement('button');
  line.type = 'button';
  line.tabIndex = -1;
  line.setAttribute('role', 'option');
  line.id = `${area.form.id}-option-${index}`;
  const text = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });
  line.append(text('b', item.name), text('span', item.hint), text('small', item.description));
  line.dataset.insert = item.insert;
  line.dataset.replace = item.replace ?? '';
  return line;
}

function usage(command, isThread) {
  const line = document.createElement('p');
  line.className = 'usage';
  const text = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });
  line.append(text('b', command.name), text('span', command.hint), text('small', isThread ? 'Commands do not work in threads' : command.description));
  return line;
}

export function insert(area, line) {
  const at = area.selectionStart;
  const back = line.dataset.replace ? Number(line.dataset.replace) : at;
  area.setRangeText(line.dataset.insert, at - back, at, 'end');
  area.focus();
  write(area);
}

export async function send(composer) {
  const area = one('textarea', composer);
  if (one('.chip.loading', composer)) return toast('A file is still uploading.');
  if (isHeldUp(composer)) return undefined;
  const files = all('[data-file]', composer).map((chip) => chip.dataset.file);
  const text = area.value;
  if (!text.trim() && !files.length) return undefined;
  area.value = '';
  one('.chips', composer).replaceChildren();
  write(area);
  const answer = await post('say', { text, thread: composer.dataset.thread, file: files });
  if (answer.keep && !area.value) {
    area.value = text;
    write(area);
    closeSuggestions(area);
  }
  await refresh('messages', 'thread', 'modal', 'sidebar');
  const list = composer.closest('.thread') ? one('.thread [data-list]') : one('main [data-list]');
  list?.scrollTo({ top: list.scrollHeight });
  return undefined;
}

export function closeSuggestions(area) {
  const list = document.getElementById(area.getAttribute('aria-controls'));
  list.hidden = true;
  list.replaceChildren();
  area.removeAttribute('aria-activedescendant');
}
