// The subjects to choose from, above the easel.

import { inWords, t } from '../texts.js';
import { add, liftPen } from './history.js';
import { $, event, props, server, trigger } from './host.js';
import { say } from './messages.js';
import { subjectKey } from './shelf.js';
import { roving } from './toolbar.js';

const LONGEST_NAME = 60; // letters that are shown of one in a link

const row = $('.subjects');
const known = props.choices ?? [];
const homeOf = roving(row);
const buttons = known.map(({ name, title }) => {
  const button = Object.assign(document.createElement('button'), { type: 'button' });
  const img = Object.assign(new Image(96, 96), { alt: '', draggable: false });
  button.append(img, Object.assign(document.createElement('span'), { textContent: inWords(title) }));
  button.addEventListener('click', () => choose(name));
  return button;
});
row.replaceChildren(...buttons);
row.hidden = known.length < 2;

let brought = null; // {name: the model that it waits for, step: a drawing by link}
export const isChoice = (name) => known.some((choice) => choice.name === name);
export const choose = (name) => {
  if (brought?.name !== name) brought = null;
  if (name === props.model_name || !isChoice(name)) return;
  liftPen();
  buttons[known.findIndex((choice) => choice.name === name)].setAttribute('aria-busy', 'true');
  trigger(event, { name });
};

// A drawing of the subject `key`, where that is to be had; else it is opened with the model in use, which is said.
export const bring = (step, key) => {
  if (key === subjectKey()) return add(step);
  const goal = known.find(({ name, subject }) => (key ? name === key : !subject));
  if (!goal) {
    add(step);
    const words = { name: key.slice(0, LONGEST_NAME), model: props.model_name };
    return say(t(key ? 'link_elsewhere' : 'link_plain', words), true);
  }
  brought = { name: goal.name, step };
  choose(goal.name);
};

// For another model.
export const showChoice = () => {
  for (const [i, { name }] of known.entries()) {
    buttons[i].setAttribute('aria-pressed', name === props.model_name);
    buttons[i].removeAttribute('aria-busy');
  }
  homeOf();
  if (brought?.name !== props.model_name) return;
  const { step } = brought;
  brought = null;
  add(step);
};

export const showCovers = async () => {
  if (row.hidden) return;
  const { imgs = {} } = (await Promise.resolve(server.covers({})).catch(() => null)) ?? {};
  for (const [i, { name }] of known.entries()) if (imgs[name]) buttons[i].querySelector('img').src = imgs[name];
};
