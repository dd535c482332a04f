// Swapping: changes the old tree into the new one, keeping focus, scroll and typed text.

export const typed = new WeakSet(); // fields that a person has written in
export const unsaid = { changes: 0 }; // changes of fields on their way to the server

const keyOf = (node) => (node.nodeType === 1 ? node.dataset.key || node.id || null : null);

export function morph(old, fresh) {
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
    if (!unsaid.changes) old.selected = fresh.hasAttribute('selected');
  } else if (old.nodeName === 'INPUT' && (old.type === 'radio' || old.type === 'checkbox')) {
    if (!unsaid.changes) old.checked = fresh.hasAttribute('checked');
  } else if ((old.nodeName === 'INPUT' && old.type !== 'file') || old.nodeName === 'TEXTAREA') {
    if (!typed.has(old) && document.activeElement !== old) old.value = fresh.defaultValue;
  }
}
