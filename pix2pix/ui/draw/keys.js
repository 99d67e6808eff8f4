// The keyboard: shortcuts everywhere on the easel, and a pen that arrow keys move over the paper.

import { t } from '../texts.js';
import { tapped } from './colors.js';
import { canvas, drawing, easel, on, tools } from './easel.js';
import { redo, undo } from './history.js';
import { element } from './host.js';
import { say } from './messages.js';
import { painter } from './picture.js';
import { aim, closeCorners, leaveCorners } from './polygon.js';
import { begin, drop, extend, finish, spans } from './stroke.js';
import { ACTIONS } from './toolbar.js';
import { closeVersions } from './versions.js';
import { seenAt } from './view.js';
import { moveNib, nib, place, view } from './viewport.js';
import { zoomBy } from './zoom.js';

// Behind another tab, or meant for a text field.
export const elsewhere = ({ target }) =>
  !easel.offsetParent || target.closest?.('input:not([type=range]), textarea, [contenteditable]');

// A hidden button can be clicked: its key has to look first.
const LETTERS = { f: 'fill', i: 'pick', l: 'line', r: 'rectangle', p: 'polygon' };
const press = (name) => {
  const button = element.querySelector(`:is([data-do=${name}], [data-shape=${name}]):not([hidden])`);
  if (button) ACTIONS[name]();
};
// A shape stays unfinished.
const leave = () => {
  closeVersions();
  nib.classList.remove('down');
  if (!leaveCorners() && spans()) drop();
};

document.addEventListener('keydown', (event) => {
  if (elsewhere(event)) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (event.altKey || !['z', 'y'].includes(key)) return;
    event.preventDefault();
    return key === 'y' || event.shiftKey ? redo() : undo();
  }
  if (event.altKey || !easel.contains(document.activeElement)) return;
  if (key === 'e') ACTIONS.eraser();
  else if (key === 'b') ACTIONS.draw();
  else if (key === 'm') ACTIONS.mirror();
  else if (LETTERS[key]) press(LETTERS[key]);
  else if (key === '+' || key === '=') zoomBy(1.5, seenAt(view, place));
  else if (key === '-') zoomBy(1 / 1.5, seenAt(view, place));
  else if (key === '0') ACTIONS.whole();
  else if (key === 'escape') leave();
});

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = 'keys'; // in place of a pointer's number

export const liftKeys = () => {
  nib.classList.remove('down');
  if (drawing.stroke && drawing.pointer === KEYS) finish();
};

canvas.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return liftKeys(); // an undo, say: never of half a stroke
  const way = WAYS[event.key];
  const draws = drawing.pointer === KEYS;
  if (event.key === 'Enter') return closeCorners();
  if (!way && event.key !== ' ') return;
  event.preventDefault(); // else the page would scroll
  if (drawing.stroke && !draws) return; // the mouse has the pen
  if (way) {
    const length = event.shiftKey ? 2 : 12;
    moveNib(place[0] + length * way[0], place[1] + length * way[1]);
    aim(place);
    if (!draws) return;
    extend(place);
    painter.refresh();
  } else if (!event.repeat) {
    if (!draws && tapped(place)) return;
    if (draws) liftKeys();
    else {
      begin(tools.taken, KEYS, place);
      nib.classList.add('down');
    }
    say(t(draws ? 'pen_up' : 'pen_down'));
  }
});
canvas.addEventListener('blur', liftKeys);
on('lift', liftKeys);
