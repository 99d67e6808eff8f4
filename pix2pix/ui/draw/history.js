// The drawing's history: what adds to it, undo and redo.

import { t } from '../texts.js';
import { drawing, easel, emit, screen, small } from './easel.js';
import { drawn, touch } from './encode.js';
import { element, props } from './host.js';
import { hush, say } from './messages.js';
import { painter } from './picture.js';
import { dressed, styleNow } from './style.js';
import { ACTIONS } from './toolbar.js';
import { closeVersions } from './versions.js';
import { WHOLE } from './view.js';
import { setView } from './viewport.js';

export const tidy = () => {
  element.querySelector('[data-do=undo]').disabled = !drawing.steps.length;
  element.querySelector('[data-do=redo]').disabled = !drawing.undone.length;
  element.querySelector('[data-do=clear]').disabled = !drawing.inked;
  easel.classList.toggle('inked', drawing.inked);
  emit('tidy');
};

// Tells the rest of the page what is drawn, as the component's value. That takes some milliseconds, and the picture
// comes first.
let telling = 0;
const tell = () => {
  clearTimeout(telling);
  telling = setTimeout(() => (props.value = drawing.inked ? { ...drawn(), style: styleNow() } : ''), 250);
};

export const commit = () => {
  tidy();
  tell();
  emit('commit');
};

export const redraw = () => {
  touch();
  screen.draw(drawing.steps);
  small.draw(drawing.steps);
  drawing.inked = !small.blank;
  hush();
  closeVersions();
  painter.overtake();
  commit();
};

export const liftPen = () => emit('lift');

export const add = (step) => {
  liftPen();
  if (step.fresh) setView(WHOLE);
  drawing.steps.push(dressed(step));
  drawing.undone = [];
  redraw();
};

const moveStep = (from, to) => {
  if (!from.length) return;
  to.push(from.pop());
  redraw();
};
export const undo = () => {
  liftPen();
  moveStep(drawing.steps, drawing.undone);
};
export const redo = () => {
  liftPen();
  moveStep(drawing.undone, drawing.steps);
};
const clear = () => {
  if (!drawing.inked) return;
  add({ strokes: [], fresh: true });
  say(t('cleared'));
};
Object.assign(ACTIONS, { undo, redo, clear });
