// The easel: what stands on it, the drawing, and the tools.

import { t } from '../texts.js';
import { $ } from './host.js';
import { newCanvas, newPaper, Paper } from './paper.js';

export const easel = $('.easel'),
  sheet = $('.paper'),
  canvas = $('.ink'),
  picture = $('.picture'),
  message = $('.message');
picture.alt = t('picture_alt');

export const screen = new Paper(canvas, $('.colour')); // at the resolution of the screen
export const small = newPaper(256); // at that of the network
export const proof = newCanvas(256); // what is sent

export const drawing = {
  steps: [],
  undone: [],
  inked: false, // whether anything is to be seen
  firstStyle: null, // of a drawing that has not begun
  stroke: null, // that grows
  pointer: null, // what draws it: the number of a pointer, or KEYS
  finger: false, // whether it is a finger
};
export const tools = {
  taken: 'ink', // name of a colour, '#rrggbb' or 'erase'
  ink: 'ink', // the last one that was no eraser
  hue: 'red', // the last one that was a hint
  mirror: false,
  instead: null, // of drawing by hand: 'fill' an area, 'pick' a colour, or a 'line', 'rectangle', 'polygon'
  widths: { ink: 5, hint: 18, erase: 28 }, // each kind of tool remembers its own; of labels, each colour
};
export const kind = () => (tools.taken === 'ink' || tools.taken === 'erase' ? tools.taken : 'hint');
export const widthKey = (c) => (c in tools.widths ? c : 'hint');
// A stroke of that colour as it would begin now.
export const penOf = (c) => ({ c, w: tools.widths[widthKey(c)], m: tools.mirror ? 1 : 0 });

// What modules tell those that build on them:
//   'lift'     something comes in the middle of a stroke: the stroke ends before it
//   'tidy'     what can be done with the drawing has changed
//   'commit'   the drawing has changed, and no stroke grows
//   'tool'     another tool is taken
//   'busy'     a picture is asked for, or there is none
//   'idle'     the picture is that of the drawing
const moments = new EventTarget();
export const on = (moment, act) => moments.addEventListener(moment, act);
export const emit = (moment) => moments.dispatchEvent(new Event(moment));
