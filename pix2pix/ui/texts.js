// The texts of the page in the visitor's language: `t("key", {name: value})`, and `localise(element)`, which fills in
// data-t="key" (text) and data-t-label="key" (aria-label and tooltip).

import { TEXTS } from './data.js';

export const LANG = (navigator.language || 'en').toLowerCase().startsWith('ja') ? 'ja' : 'en';

// Gradio writes the browser's language there, whatever that of the texts.
const root = document.documentElement;
const declare = () => {
  if (root.lang !== LANG) root.lang = LANG;
};
new MutationObserver(declare).observe(root, { attributeFilter: ['lang'] });
declare();

const names = { ctrl: /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl' };

export const t = (key, values = names) => TEXTS[key][LANG].replace(/\{(\w+)\}/g, (m, name) => values[name] ?? m);

// A text of a checkpoint, which has one in English at least.
export const inWords = (text) => text[LANG] ?? text.en;

export const localise = (element) => {
  for (const el of element.querySelectorAll('[data-t]')) el.textContent = t(el.dataset.t);
  for (const el of element.querySelectorAll('[data-t-label]')) {
    el.setAttribute('aria-label', t(el.dataset.tLabel));
    if (el.matches('button, label, summary')) el.title = t(el.dataset.tLabel);
  }
};
