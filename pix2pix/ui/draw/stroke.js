// Strokes that grow under mouse, finger, stylus or keys.

import { drawing, on, penOf, screen, small, tools } from './easel.js';
import { touch } from './encode.js';
import { commit, redraw, tidy } from './history.js';
import { hush } from './messages.js';
import { painter } from './picture.js';
import { EVEN, partsOf } from './ribbons.js';
import { SPANS } from './shapes.js';
import { dressed } from './style.js';
import { disturb } from './styles.js';
import { closeVersions, shrink } from './versions.js';
import { sharpen, view } from './viewport.js';

let spanned = null; // where the stroke is a line or a rectangle: {by, pen, from: where it begins}

// `who` draws: the number of a pointer, or KEYS. A place has the pen's pressure as its third number, if it feels one.
export const begin = (c, who, at) => {
  sharpen();
  disturb();
  drawing.pointer = who;
  drawing.stroke = { ...penOf(c), p: [] };
  spanned = SPANS[tools.instead] && { by: SPANS[tools.instead], pen: penOf(c), from: at.slice(0, 2) };
  drawing.inked ||= c !== 'erase';
  closeVersions();
  for (const paper of [screen, small]) paper.begin();
  extend(at);
  tidy();
  painter.refresh();
};

const span = ([x, y]) => {
  const { by, pen, from } = spanned;
  drawing.stroke = by(pen, from, [x, y]);
  for (const paper of [screen, small]) paper.end(drawing.stroke);
};

export const extend = (...points) => {
  if (spanned) return span(points.at(-1));
  const { p } = drawing.stroke;
  const since = p.length / 2;
  for (const [x, y, pressure] of points) {
    if (p.length && Math.hypot(x - p.at(-2), y - p.at(-1)) < 1 / view.z) continue;
    p.push(x, y);
    if (pressure === undefined) continue;
    drawing.stroke.r ??= [];
    const before = drawing.stroke.r.at(-1) ?? partsOf(pressure);
    drawing.stroke.r.push(Math.round(100 * (before + (partsOf(pressure) - before) * 0.4)) / 100); // a hand trembles
  }
  if (p.length / 2 > since) for (const paper of [screen, small]) paper.grow(drawing.stroke, since);
};

export const finish = () => {
  if (drawing.stroke.r?.every((part) => part === EVEN)) delete drawing.stroke.r; // a pen that feels no pressure
  for (const paper of [screen, small]) paper.end(drawing.stroke);
  const erased = drawing.stroke.c === 'erase';
  const vain = erased || spanned; // maybe: an eraser that met nothing, a rectangle without width
  if (!vain || small.changed) {
    drawing.steps.push(dressed({ strokes: [drawing.stroke] }));
    drawing.undone = [];
  }
  for (const paper of [screen, small]) paper.settle(drawing.steps);
  if (vain) drawing.inked = !small.blank;
  touch(drawing.stroke.c);
  drawing.stroke = drawing.pointer = null;
  hush();
  shrink();
  painter.overtake();
  commit();
};

// Whether it is a shape, which one may leave unfinished.
export const spans = () => Boolean(drawing.stroke && spanned);

// As if it had not begun.
export const drop = () => {
  drawing.stroke = drawing.pointer = null;
  redraw();
  shrink();
};

on('lift', () => drawing.stroke && finish());
