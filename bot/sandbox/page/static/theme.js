// Light or dark, and what was open, before anything is painted: the only script that is no module.
(() => {
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const { dataset } = document.documentElement;
  if (read('theme')) dataset.theme = read('theme');
  for (const name of ['drawer', 'weather']) if (read(name) === 'open') dataset[name] = 'open';
})();
