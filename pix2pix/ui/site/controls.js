// The controls of the digits' sections, as Gradio has them in the app.

import { t } from '../texts.js';
import { newHost } from './host.js';

export const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
const field = (label, input, ...more) =>
  make('label', { className: 'field' }, make('span', { textContent: label }), input, ...more);

// A text of the page's few kinds of Markdown: a heading, paragraphs, *words*.
export const prose = (key) =>
  t(key)
    .split('\n\n')
    .map((part) => {
      if (part.startsWith('## ')) return make('h2', { textContent: part.slice(3) });
      return make('p', {}, ...part.split('*').map((words, i) => (i % 2 ? make('em', { textContent: words }) : words)));
    });

export const choice = (id, label, names, chosen) => {
  const select = make('select', { id }, ...names.map((name, i) => new Option(name, i)));
  select.value = chosen;
  return { field: field(label, select), input: select, value: () => Number(select.value) };
};

export const slider = (id, label, most, value) => {
  const output = make('output', { textContent: value });
  const input = make('input', { id, type: 'range', min: 1, max: most, step: 1, value });
  input.addEventListener('input', () => {
    output.textContent = input.value;
  });
  return { field: field(label, input, output), input, value: () => Number(input.value) };
};

export const text = (id, label, value) => {
  const input = make('input', { id, type: 'text', value, autocomplete: 'off' });
  return { field: field(label, input), input, value: () => input.value };
};

// With a button that draws another one.
export const seed = (id, label, words, value = 0) => {
  const input = make('input', { id, type: 'number', step: 1, value });
  const button = make('button', { type: 'button', textContent: words });
  button.addEventListener('click', () => {
    input.value = Math.floor(Math.random() * 1e6);
    input.dispatchEvent(new Event('input'));
  });
  const whole = () => Math.round(input.valueAsNumber); // NaN while it is being typed
  return { field: make('div', { className: 'seed' }, field(label, input), button), input, value: whole };
};

// A component of ui/digits/, by its template in the page.
export const panel = (name, start, props) => {
  const element = make('div', { className: 'digits-panel' });
  element.append(document.querySelector(`#${name}-panel`).content.cloneNode(true));
  const host = newHost(element, props);
  start(host);
  return host;
};
