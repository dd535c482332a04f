// The page's only script: swaps parts when the server says that they changed, and posts what a person does.
// Everything it shows is drawn by the server; here are focus, menus, composers and dialogs.
'use strict';

// --- light and dark, before anything is painted ----------------------------------------------

const root = document.documentElement;
const memory = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* private window */ } },
};
if (memory.get('theme')) root.dataset.theme = memory.get('theme');
for (const name of ['drawer', 'weather']) if (memory.get(name) === 'open') root.dataset[name] = 'open';

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

// --- swapping: changes the old tree into the new one, keeping focus, scroll and typed text ----

const typed = new WeakSet(); // fields that a person has written in
let sending = 0; // changes of fields on their way to the server

const keyOf = (node) => (node.nodeType === 1 ? node.dataset.key || node.id || null : null);

function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (old.nodeType === 3) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeType !== 1 || old.hasAttribute('data-keep') || old.nodeName === 'SELECTEDCONTENT') return;
  morphAttributes(old, fresh);
  morphChildren(old, fresh);
  morphValue(old, fresh);
}

function morphAttributes(old, fresh) {
  const stays = old.nodeName === 'DETAILS' || old.nodeName === 'DIALOG' ? ['open'] : [];
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !stays.includes(name)) old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value && !stays.includes(name)) old.setAttribute(name, value);
  }
}

function morphChildren(old, fresh) {
  const kept = new Map();
  for (const child of old.childNodes) if (keyOf(child)) kept.set(keyOf(child), child);
  const wanted = new Set([...fresh.childNodes].map(keyOf).filter(Boolean));
  let cursor = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const key = keyOf(child);
    let match = null;
    if (key) {
      match = kept.get(key) || null;
      while (match && cursor && cursor !== match && !wanted.has(keyOf(cursor))) cursor = pass(cursor);
    } else {
      while (cursor && keyOf(cursor) && !wanted.has(keyOf(cursor))) cursor = pass(cursor);
      if (cursor && !keyOf(cursor) && cursor.nodeName === child.nodeName) match = cursor;
    }
    if (!match) old.insertBefore(document.importNode(child, true), cursor);
    else {
      if (match === cursor) cursor = cursor.nextSibling;
      else old.insertBefore(match, cursor);
      morph(match, child);
    }
  }
  while (cursor) cursor = pass(cursor);
}

// Takes a node away that is not in the new tree, unless the server cannot know of it yet.
function pass(node) {
  const next = node.nextSibling;
  if (node.nodeType !== 1 || node.dataset.stay === undefined) node.remove();
  return next;
}

function morphValue(old, fresh) {
  if (old.nodeName === 'OPTION') {
    if (!sending) old.selected = fresh.hasAttribute('selected');
  } else if (old.nodeName === 'INPUT' && (old.type === 'radio' || old.type === 'checkbox')) {
    if (!sending) old.checked = fresh.hasAttribute('checked');
  } else if ((old.nodeName === 'INPUT' && old.type !== 'file') || old.nodeName === 'TEXTAREA') {
    if (!typed.has(old) && document.activeElement !== old) old.value = fresh.defaultValue;
  }
}

const parse = (html) => new DOMParser().parseFromString(html, 'text/html');

// --- where we are ----------------------------------------------------------------------------

const here = () => document.body.dataset;

async function go(url, { push = true, focus = null } = {}) {
  const before = here().as;
  const response = await fetch(url, { headers: { accept: 'text/html' } });
  if (!response.ok) return toast('That place is not open to you.');
  const page = parse(await response.text());
  const changed = page.body.dataset.channel !== here().channel || page.body.dataset.as !== before;
  document.title = page.title;
  if (push) history.pushState(null, '', url);
  const drawerList = one('[data-region=drawer]', page);
  if (drawerList) drawerList.replaceChildren(...all('[data-region=drawer] > *').map((node) => node.cloneNode(true)));
  const wasLow = all('main [data-list]').some((list) => atEnd.has(list));
  morph(document.body, page.body);
  delete root.dataset.sidebar;
  settle();
  if (changed || wasLow) all('main [data-list]').forEach(toEnd);
  all('.thread [data-list]').forEach(toEnd);
  if (before !== here().as) listen();
  showHash();
  openHome();
  if (focus) one(`#composer-${focus} textarea`)?.focus();
  else if (matchMedia('(min-width: 800px)').matches && (changed || document.activeElement === document.body)) one('#composer-channel textarea')?.focus();
}

function showHash() {
  const id = location.hash.slice(1);
  if (!id) return;
  const target = document.getElementById(id) || document.getElementById(id.replace(/^m-/, 't-'));
  if (!target) return;
  target.scrollIntoView({ block: 'center' });
  target.classList.add('flash');
  setTimeout(() => target.classList.remove('flash'), 2400);
}

// --- parts -----------------------------------------------------------------------------------

const waiting = new Map();

function refresh(...parts) {
  for (const part of parts) {
    if (!one(`[data-region=${part}]`)) continue;
    const state = waiting.get(part) || { busy: false, again: false };
    waiting.set(part, state);
    if (state.busy) state.again = true;
    else state.done = fetchPart(part, state);
  }
  return Promise.all(parts.map((part) => waiting.get(part)?.done));
}

async function fetchPart(part, state) {
  state.busy = true;
  do {
    state.again = false;
    const asked = { ...here() };
    const query = new URLSearchParams({ as: asked.as });
    if (asked.channel) query.set('channel', asked.channel);
    if (asked.thread) query.set('thread', asked.thread);
    if (part === 'drawer') query.set('q', one('#drawer-filter').value);
    try {
      const response = await fetch(`/part/${part}?${query}`);
      const html = await response.text();
      const still = asked.as === here().as && asked.channel === here().channel && asked.thread === here().thread;
      if (!response.ok) break;
      if (!still) state.again = true;
      else swap(part, html);
    } catch { break; }
  } while (state.again);
  state.busy = false;
}

// Lists that stand at their end stay there, when they grow and when their window shrinks.
const atEnd = new WeakSet();
const toEnd = (list) => { list.scrollTop = list.scrollHeight; };
const watching = new ResizeObserver((entries) => entries.forEach(({ target }) => atEnd.has(target) && toEnd(target)));
document.addEventListener('scroll', ({ target }) => {
  if (!target.matches?.('[data-list]')) return;
  if (target.scrollHeight - target.scrollTop - target.clientHeight < 80) atEnd.add(target);
  else atEnd.delete(target);
}, true);

function swap(part, html) {
  const region = one(`[data-region=${part}]`);
  if (!region) return;
  const lists = [...all('[data-list]', region), ...(region.matches('[data-list]') ? [region] : [])];
  const low = lists.filter((list) => atEnd.has(list));
  const fresh = region.cloneNode(false);
  fresh.append(...parse(`<body>${html}</body>`).body.childNodes);
  if (part === 'modal') return swapModal(region, fresh);
  morph(region, fresh);
  settle();
  low.forEach(toEnd);
}

function swapModal(region, fresh) {
  const before = one('#modal', region);
  const back = document.activeElement?.id;
  morph(region, fresh);
  settle();
  const now = one('#modal', region);
  if (!now) return before && lastFocus?.isConnected && lastFocus.focus();
  if (now === before && back && !now.contains(document.activeElement)) document.getElementById(back)?.focus();
}

// Everything that a fresh piece of page needs once.
function settle() {
  const modal = one('#modal');
  if (modal && !modal.open) {
    if (!all('dialog').some((dialog) => dialog.open)) lastFocus = document.activeElement;
    modal.showModal();
    (one('[data-autofocus]', modal) || one('.modal-body :is(textarea, select, input:not([type=file]), button)', modal))?.focus();
  }
  for (const composer of all('[data-composer]')) if (!composer.dataset.ready) prepareComposer(composer);
  for (const list of all('[data-list]')) {
    watching.observe(list); // a list that is watched already is not watched twice
    if (list.scrollHeight <= list.clientHeight) atEnd.add(list);
  }
  for (const button of all('[data-toggle]')) button.setAttribute('aria-expanded', root.dataset[button.dataset.toggle] === 'open');
}
let lastFocus = null;

// --- listening -------------------------------------------------------------------------------

let source = null;
const due = new Set();
let timer = null;

function soon(...parts) {
  for (const part of parts) due.add(part);
  timer ??= setTimeout(() => {
    const parts = [...due];
    due.clear();
    timer = null;
    refresh(...parts);
  }, 40);
}

function listen() {
  source?.close();
  source = new EventSource(`/events?as=${here().as}`);
  source.onmessage = (event) => hear(JSON.parse(event.data));
  source.onerror = () => root.classList.add('lost');
  source.onopen = () => root.classList.remove('lost');
}

function hear({ kind, channel }) {
  const open = ['drawer', 'weather'].filter((name) => root.dataset[name] === 'open');
  if (kind === 'hello') soon('status', 'sidebar', 'messages', 'thread', 'modal', 'home', ...open);
  if (kind === 'message' || kind === 'status') soon('sidebar', ...(channel === here().channel ? ['messages', 'thread'] : []));
  if (kind === 'file') soon('messages', 'thread', 'modal');
  if (kind === 'channel') soon('sidebar', 'messages');
  if (kind === 'view') soon('modal');
  if (kind === 'home') soon('home');
  if (kind === 'exchange') {
    soon('status', ...open);
  }
}

// --- posting ---------------------------------------------------------------------------------

async function post(deed, fields) {
  const body = new FormData();
  body.set('as', here().as);
  if (here().channel) body.set('channel', here().channel);
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) if (item !== undefined && item !== null) body.append(name, item);
  }
  let answer = { ok: false, words: 'The sandbox does not answer. Was it stopped?' };
  try {
    const response = await fetch(`/do/${deed}`, { method: 'POST', body });
    answer = response.ok ? await response.json() : { ok: false, words: await response.text() };
  } catch { /* said below */ }
  if (answer.words) toast(answer.words, answer.ok);
  return answer;
}

function toast(words, isGood = false) {
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

function ask(json) {
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

// --- elements of blocks ----------------------------------------------------------------------

const place = (node) => ({
  view: node.closest('[data-view]')?.dataset.view,
  ts: node.closest('[data-message]')?.dataset.message,
  block: node.closest('[data-block]')?.dataset.block,
});

async function act(node) {
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

const pending = new Map(); // text fields whose value the server does not know yet

function valueOf(field) {
  if (field.matches('.ticks')) return all('input:checked', field).map((input) => input.value);
  if (field.matches('select[multiple]')) return [...field.selectedOptions].map((option) => option.value);
  if (field.matches('[role=combobox]')) return [field.dataset.chosen];
  if (field.matches('.file-input')) return all('[data-file]', field).map((chip) => chip.dataset.file);
  return [field.value];
}

async function tell(field, enter = '') {
  clearTimeout(pending.get(field));
  pending.delete(field);
  if (field.dataset.confirm && !(await ask(field.dataset.confirm))) return refresh('messages', 'thread', 'modal', 'home');
  sending += 1;
  try {
    await post('change', { ...place(field), action: field.dataset.act, kind: field.dataset.kind, value: valueOf(field), enter });
  } finally { sending -= 1; }
  return undefined;
}

const flush = () => Promise.all([...pending.keys()].map((field) => tell(field)));

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

// --- external selects ------------------------------------------------------------------------

let asked = 0;

async function suggest(field) {
  const list = document.getElementById(field.getAttribute('aria-controls'));
  const mine = ++asked;
  field.setAttribute('aria-expanded', 'true');
  if (!list.matches(':popover-open')) list.showPopover();
  placeList(field, list);
  if (field.value.length < Number(field.closest('[data-combobox]').dataset.least)) {
    list.replaceChildren(note(`Type at least ${field.closest('[data-combobox]').dataset.least} letters`));
    return;
  }
  if (!list.childElementCount) list.replaceChildren(note('Searching…'));
  await new Promise((done) => setTimeout(done, 150));
  if (mine !== asked) return;
  const where = place(field);
  const query = new URLSearchParams({ as: here().as, view: where.view, block: where.block, action: field.dataset.act, q: field.value });
  const { options } = await fetch(`/options?${query}`).then((r) => r.json(), () => ({ options: [] }));
  if (mine !== asked) return;
  list.replaceChildren(...options.flatMap((option) => (option.options ? [note(option.label?.text ?? ''), ...option.options.map(choice)] : [choice(option)])));
  if (!list.childElementCount) list.replaceChildren(note('No results'));
  placeList(field, list);
  mark(field, list, one('[role=option]', list));
}

// The list lies on top of the modal, so that nothing cuts it off.
function placeList(field, list) {
  const from = field.getBoundingClientRect();
  const room = innerHeight - from.bottom - 12;
  const isBelow = room > 220 || room > from.top;
  list.style.left = `${from.left}px`;
  list.style.width = `${from.width}px`;
  list.style.maxHeight = `${Math.min(300, isBelow ? room : from.top - 12)}px`;
  list.style.top = isBelow ? `${from.bottom + 4}px` : 'auto';
  list.style.bottom = isBelow ? 'auto' : `${innerHeight - from.top + 4}px`;
}

document.addEventListener('scroll', () => {
  const list = one('.listbox:popover-open');
  if (list) placeList(one('input', list.parentElement), list);
}, true);

function note(words) {
  const line = document.createElement('span');
  line.className = 'list-note';
  line.textContent = words;
  return line;
}

let choices = 0;
function choice(option) {
  const line = document.createElement('span');
  line.setAttribute('role', 'option');
  line.id = `choice-${++choices}`;
  line.dataset.value = option.value;
  line.dir = 'auto';
  line.textContent = option.text.text;
  if (option.description) line.append(Object.assign(document.createElement('small'), { textContent: option.description.text }));
  return line;
}

function mark(field, list, item) {
  for (const other of all('[role=option]', list)) other.setAttribute('aria-selected', other === item);
  if (item) {
    field.setAttribute('aria-activedescendant', item.id);
    item.scrollIntoView({ block: 'nearest' });
  } else field.removeAttribute('aria-activedescendant');
}

async function choose(field, item) {
  field.value = item ? item.firstChild.textContent : '';
  field.defaultValue = field.value;
  field.dataset.chosen = item?.dataset.value ?? '';
  closeList(field);
  await tell(field);
  refresh('modal', 'home');
}

function closeList(field) {
  asked += 1;
  field.setAttribute('aria-expanded', 'false');
  field.removeAttribute('aria-activedescendant');
  const list = document.getElementById(field.getAttribute('aria-controls'));
  list?.replaceChildren();
  if (list?.matches(':popover-open')) list.hidePopover();
}

document.addEventListener('focusin', (event) => {
  if (event.target.matches('.combobox input')) suggest(event.target);
});
document.addEventListener('focusout', (event) => {
  const field = event.target;
  if (field.matches('.combobox input')) {
    closeList(field);
    field.value = field.dataset.chosen ? field.defaultValue : '';
  }
  if (pending.has(field)) tell(field);
});

// --- composers -------------------------------------------------------------------------------

const features = () => JSON.parse(one('#features').textContent);

function prepareComposer(composer) {
  composer.dataset.ready = '1';
  const area = one('textarea', composer);
  area.value = memory.get(composer.dataset.key) || '';
  grow(area);
  composer.classList.toggle('filled', Boolean(area.value.trim()));
}

function grow(area) {
  area.style.height = 'auto';
  area.style.height = `${Math.min(area.scrollHeight, 240)}px`;
}

function write(area) {
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

function insert(area, line) {
  const at = area.selectionStart;
  const back = line.dataset.replace ? Number(line.dataset.replace) : at;
  area.setRangeText(line.dataset.insert, at - back, at, 'end');
  area.focus();
  write(area);
}

async function send(composer) {
  const area = one('textarea', composer);
  if (one('.chip.loading', composer)) return toast('A file is still on its way.');
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

function closeSuggestions(area) {
  const list = document.getElementById(area.getAttribute('aria-controls'));
  list.hidden = true;
  list.replaceChildren();
  area.removeAttribute('aria-activedescendant');
}

// --- files -----------------------------------------------------------------------------------

async function takeFiles(zone, input, dropped) {
  const files = [...(dropped ?? input.files)];
  if (input) input.value = '';
  const isView = Boolean(zone.dataset.act);
  const room = isView ? Number(zone.dataset.most) - all('[data-file]', zone).length : 10;
  if (files.length > room) toast(room > 0 ? `Only ${room} more will fit.` : 'No more files fit here.');
  for (const file of files.slice(0, Math.max(0, room))) {
    const chip = addChip(zone, file.name);
    const answer = await post('upload', { upload: file, for: isView ? 'view' : 'message' });
    if (answer.ok) fillChip(chip, answer);
    else chip.remove();
  }
  if (isView) {
    await tell(zone);
    for (const chip of all('[data-stay]', zone)) delete chip.dataset.stay;
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

// --- own messages ----------------------------------------------------------------------------

function startEdit(ts, article) {
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

async function saveEdit(form) {
  await post('edit', { ts: form.dataset.editForm, text: one('textarea', form).value });
  endEdit(form.parentElement);
}

function endEdit(body) {
  delete body.dataset.keep;
  body.replaceChildren();
  refresh('messages', 'thread');
}

// --- clicks ----------------------------------------------------------------------------------

document.addEventListener('click', async (event) => {
  const target = event.target.closest('a, button, [role=option], summary');
  if (!target || event.defaultPrevented) return;
  if (target.matches('a[data-go]') && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    return void go(target.href, { focus: target.hasAttribute('data-focus-composer') ? 'thread' : null });
  }
  if (target.matches('[data-zoom]')) {
    event.preventDefault();
    return void zoom(target);
  }
  if (target.matches('button[data-act]')) return void act(target);
  if (target.matches('a[data-act]')) return void post('click', { ...place(target), action: target.dataset.act, kind: 'button', value: target.dataset.value });
  if (target.matches('[data-do]')) return void doDeed(target);
  if (target.matches('[data-toggle]')) return void toggle(target.dataset.toggle);
  if (target.matches('[data-theme-switch]')) return void switchTheme();
  if (target.matches('[data-copy]')) return void copy(target);
  if (target.matches('[data-edit]')) {
    target.closest('[popover]').hidePopover();
    return void startEdit(target.dataset.edit, target.closest('[data-message]'));
  }
  if (target.matches('[data-filter]')) {
    event.preventDefault();
    one('#drawer-filter').value = target.dataset.filter;
    return void refresh('drawer');
  }
  if (target.matches('[data-drop-file]')) return void dropFile(target);
  if (target.matches('.combobox .clear')) return void choose(one('input', target.parentElement), null);
  if (target.matches('.suggestions [role=option]')) return void insert(one('textarea', target.closest('form')), target);
  if (target.matches('.composer [data-insert]')) {
    const area = one('textarea', target.closest('form'));
    const mark = target.dataset.insert;
    if (mark === '/') area.value = area.value.startsWith('/') ? area.value : `/${area.value}`;
    else area.setRangeText(/(^|\s)$/.test(area.value.slice(0, area.selectionStart)) ? '@' : ' @', area.selectionStart, area.selectionEnd, 'end');
    area.focus();
    if (mark === '/') area.setSelectionRange(1, 1);
    write(area);
  }
});

// A choice is taken before the field loses its focus.
document.addEventListener('mousedown', (event) => {
  const item = event.target.closest('.listbox [role=option]');
  if (!item) return;
  event.preventDefault();
  choose(one('input', item.closest('.combobox')), item);
});

async function doDeed(target) {
  if (target.dataset.confirm && !(await ask(target.dataset.confirm))) return;
  target.closest('[popover]')?.hidePopover();
  const { do: deed, callback, ts, fault, clear } = target.dataset;
  if (deed === 'close') await flush();
  target.classList.add('busy');
  await post(deed, { ...place(target), callback, ts: ts ?? place(target).ts, fault, clear });
  target.classList.remove('busy');
  await refresh('status', 'weather', 'messages', 'thread', 'modal', 'sidebar');
}

async function dropFile(button) {
  const zone = button.closest('[data-dropzone]');
  button.closest('.chip').remove();
  if (zone.dataset.act) {
    await tell(zone);
    refresh('modal');
  } else write(one('textarea', zone));
}

function toggle(name) {
  const isOpen = root.dataset[name] === 'open';
  if (isOpen) delete root.dataset[name];
  else root.dataset[name] = 'open';
  if (name !== 'sidebar') memory.set(name, isOpen ? '' : 'open');
  settle();
  if (!isOpen) refresh(name);
  if (!isOpen && name === 'drawer') one('#drawer-filter').focus({ preventScroll: true });
  if (!isOpen && name === 'sidebar') one('.sidebar a')?.focus();
}

function switchTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  memory.set('theme', root.dataset.theme);
}

async function copy(target) {
  target.closest('[popover]')?.hidePopover();
  try {
    await navigator.clipboard.writeText(target.dataset.copy);
    toast('Copied.', true);
  } catch { toast('The browser did not let this page copy.'); }
}

function zoom(link) {
  const picture = one('img', link);
  const box = one('#lightbox');
  one('img', box).src = link.getAttribute('href');
  one('img', box).alt = picture.alt;
  one('p', box).textContent = picture.alt;
  one('a', box).href = link.getAttribute('href');
  box.showModal();
}

document.addEventListener('click', (event) => {
  if (event.target.id === 'lightbox') event.target.close();
});

// A picture that the browser could not load is said, not shown as a hole.
document.addEventListener('error', (event) => {
  const image = event.target;
  if (image.nodeName === 'IMG' && image.closest('.block-image, .files')) {
    const words = document.createElement('span');
    words.className = 'no-picture';
    words.textContent = `This picture could not be loaded. ${image.alt}`;
    image.replaceWith(words);
  }
}, true);

// --- the drawer's rows are filled when they are opened ------------------------------------------

document.addEventListener('toggle', async (event) => {
  const node = event.target;
  if (node.matches?.('[data-menu]')) return placeMenu(node, event.newState);
  if (!node.matches?.('.trace') || !node.open) return undefined;
  const body = one('.trace-body', node);
  const response = await fetch(`/trace/${node.dataset.trace}`);
  body.replaceChildren(...parse(await response.text()).body.childNodes);
  node.scrollIntoView({ block: 'nearest' });
  return undefined;
}, true);

function placeMenu(menu, state) {
  const button = one(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (!button) return;
  button.setAttribute('aria-expanded', String(state === 'open'));
  button.closest('.message')?.classList.toggle('menu-open', state === 'open');
  if (state !== 'open') return;
  const from = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = from.bottom + 4 + size.height < innerHeight;
  menu.style.top = `${Math.max(8, below ? from.bottom + 4 : from.top - 4 - size.height)}px`;
  menu.style.left = `${Math.max(8, Math.min(from.left, innerWidth - size.width - 8))}px`;
  one('[role=menuitem]', menu)?.focus();
}

// --- keys ------------------------------------------------------------------------------------

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

function menuKey(event, menu) {
  const items = all('[role=menuitem]', menu);
  const at = items.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: items.length - 1 }[event.key];
  if (step) items[(at + step) % items.length].focus();
  else if (event.key === 'Home') items[0].focus();
  else if (event.key === 'End') items.at(-1).focus();
  else if (event.key === 'Tab') return menu.hidePopover();
  else return undefined;
  event.preventDefault();
  return undefined;
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

// --- begin -----------------------------------------------------------------------------------

addEventListener('popstate', () => go(location.href, { push: false }));
document.addEventListener('DOMContentLoaded', () => {
  settle();
  listen();
  all('[data-list]').forEach(toEnd);
  showHash();
  openHome();
  setInterval(() => refresh('status'), 5000);
  if (matchMedia('(min-width: 800px)').matches) one('#composer-channel textarea')?.focus();
});

function openHome() {
  if (here().place === 'home') post('open_home', {});
}
