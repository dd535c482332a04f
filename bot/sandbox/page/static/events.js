// Listening to what the server says has changed.

import { here, root } from './dom.js';
import { refresh } from './parts.js';

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

export function listen() {
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
