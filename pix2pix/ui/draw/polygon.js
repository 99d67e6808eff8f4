// A shape by its corners: one tap each. It ends at its first corner, at a second tap on the last one, or with Enter.

import { t } from '../texts.js';
import { canvas, drawing, on, penOf, tools } from './easel.js';
import { add } from './history.js';
import { $ } from './host.js';
import { say } from './messages.js';
import { closed } from './shapes.js';
import { view } from './viewport.js';

const NEAR = 14; // units on the paper, from which on a tap means a corner
const MOST = 200; // corners
const plan = $('.plan');
let corners = [];
let tip = null; // where the next one would be

const show = () => {
  const line = [...corners, ...(corners.length && tip ? [tip] : [])];
  plan.querySelector('path').setAttribute('d', line.length ? `M${line.join(' ')}` : '');
  const [x, y] = corners[0] ?? [-99, -99];
  for (const [name, value] of Object.entries({ cx: x, cy: y, r: 5 / view.z }))
    plan.querySelector('circle').setAttribute(name, value);
};

// Whether there was an unfinished shape to leave.
export const leaveCorners = () => {
  const some = corners.length > 0;
  corners = [];
  tip = null;
  show();
  return some;
};

export const closeCorners = () => {
  const shape = corners;
  if (!leaveCorners()) return;
  add({ strokes: [closed(penOf(tools.taken), shape)] });
};

export const addCorner = (place) => {
  const at = place.slice(0, 2);
  const meant = (corner) => corner && Math.hypot(corner[0] - at[0], corner[1] - at[1]) < NEAR / view.z;
  if (meant(corners.at(-1)) || (corners.length > 2 && meant(corners[0])) || corners.length === MOST)
    return closeCorners();
  if (!corners.length) say(t('polygon_more'));
  corners.push(at);
  tip = null;
  show();
};

// The pen moves on, lifted.
export const aim = (place) => {
  if (!corners.length) return;
  tip = place.slice(0, 2);
  show();
};

on('lift', () => drawing.stroke || closeCorners());
on('tool', () => tools.instead === 'polygon' || leaveCorners());
canvas.addEventListener('pointerleave', () => {
  tip = null;
  show();
});
