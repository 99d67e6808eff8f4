// Which part of the drawing the paper shows now, and what stands there: the pen of the keyboard, and the ring.

import { canvas, drawing, easel, screen, sheet } from './easel.js';
import { $, element } from './host.js';
import { SIDE } from './strokes.js';
import { clamp, drawnAt, MOST_ZOOM, moved, revealing, sameView, seenAt, WHOLE } from './view.js';

// The view changes at once, as the browser scales what is there; sharp lines follow when it rests.
export let view = WHOLE,
  resting = 0;

export const sharpen = () => {
  clearTimeout(resting);
  if (sameView(view, screen.view)) return;
  screen.resize(screen.pixels, view);
  screen.draw(drawing.steps, drawing.stroke);
  for (const layer of [canvas, $('.colour')]) layer.style.transform = '';
};

export const setView = (next) => {
  if (sameView(next, view)) return;
  view = next;
  const [x, y] = seenAt(view, [screen.view.x, screen.view.y]).map((v) => (100 * v) / SIDE);
  const z = view.z / screen.view.z;
  for (const layer of [canvas, $('.colour')]) layer.style.transform = `translate(${x}%, ${y}%) scale(${z})`;
  sheet.style.setProperty('--zoom', view.z);
  $('.plan').setAttribute('viewBox', [view.x, view.y, SIDE / view.z, SIDE / view.z].join(' '));
  $('.axis').style.left = `${(100 * seenAt(view, [SIDE / 2, 0])[0]) / SIDE}%`;
  easel.classList.toggle('zoomed', view.z > 1);
  $('.zoom output').textContent = `${Math.round(100 * view.z)}%`;
  element.querySelector('[data-do=larger]').disabled = view.z >= MOST_ZOOM;
  putAt(nib, place);
  clearTimeout(resting);
  resting = setTimeout(sharpen, 120);
};

// A place of the window -> of the paper.
const onPaper = ([x, y]) => {
  const box = sheet.getBoundingClientRect();
  return [((x - box.left) * SIDE) / box.width, ((y - box.top) * SIDE) / box.width];
};
export const placeOf = (event) => [event.clientX, event.clientY];
export const drag = (from, to, times) => setView(moved(view, onPaper(from), onPaper(to), times));

// A place of the drawing, to a quarter of what a unit is on the paper.
export const point = (event) => [
  ...drawnAt(
    view,
    onPaper(placeOf(event)).map((v) => Math.round(v * 4) / 4),
  ),
  ...(event.pointerType === 'pen' ? [event.pressure] : []),
];

export const putAt = (mark, [x, y]) => {
  const [left, top] = seenAt(view, [x, y]);
  mark.style.left = `${(100 * left) / SIDE}%`;
  mark.style.top = `${(100 * top) / SIDE}%`;
};

// The pen that arrow keys move.
export const nib = $('.nib');
export let place = [SIDE / 2, SIDE / 2];
export const moveNib = (x, y) => {
  place = [x, y].map((v) => clamp(v, 0, SIDE));
  setView(revealing(view, place));
  putAt(nib, place);
};
moveNib(...place);
