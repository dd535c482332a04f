// Short names for what every part of the page needs.

export const root = document.documentElement;
export const memory = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* private window */ } },
};

export const one = (selector, from = document) => from.querySelector(selector);
export const all = (selector, from = document) => [...from.querySelectorAll(selector)];

export const parse = (html) => new DOMParser().parseFromString(html, 'text/html');

// Where the page is: whose eyes (`as`), which channel, which thread.
export const here = () => document.body.dataset;
