// The page's script: swaps parts when the server says that they changed, and posts what a person does.
// Everything it shows is drawn by the server; the modules beside this one are focus, menus, composers and dialogs.

import './forms.js';
import './combobox.js';
import './composer.js';
import './files.js';
import './edits.js';
import './clicks.js';
import './menus.js';
import './keys.js';
import { all, here, one } from './dom.js';
import { refresh, settle, toEnd } from './parts.js';
import { focusThread, go, openHome, showHash } from './navigation.js';
import { listen } from './events.js';

addEventListener('popstate', () => go(location.href, { push: false }));
document.addEventListener('DOMContentLoaded', () => {
  settle();
  listen();
  all('[data-list]').forEach(toEnd);
  showHash();
  openHome();
  setInterval(() => refresh('status'), 5000);
  if (here().thread) focusThread();
  else if (matchMedia('(min-width: 800px)').matches) one('#composer-channel textarea')?.focus();
});
