// Zoom and pan: two fingers, the wheel, the middle button, keys, and the buttons on the paper.

import { canvas, drawing, sheet } from './easel.js';
import { drop } from './stroke.js';
import { SIDE } from './strokes.js';
import { ACTIONS } from './toolbar.js';
import { clamp, lengthOf, middleOf, moved, WHOLE, wayOf } from './view.js';
import { drag, placeOf, setView, view } from './viewport.js';

const CENTRE = [SIDE / 2, SIDE / 2];
export const zoomBy = (times, at = CENTRE) => setView(moved(view, at, at, times));
Object.assign(ACTIONS, { larger: () => zoomBy(2), smaller: () => zoomBy(1 / 2), whole: () => setView(WHOLE) });

// --- Fingers ---

const fingers = new Map();
let gesture = null; // while two fingers are, or were, on the paper: {start, last, way}

const twoFingers = () => [...fingers.values()].slice(0, 2);
export const touchDown = (event) => {
  fingers.set(event.pointerId, placeOf(event));
  if (fingers.size < 2 || (drawing.stroke && !drawing.finger)) return Boolean(gesture); // beside a pen it is the palm
  if (drawing.stroke) drop();
  gesture = { start: twoFingers(), last: twoFingers(), way: gesture?.way };
  return true;
};
const touchMove = (event) => {
  if (!fingers.has(event.pointerId)) return;
  fingers.set(event.pointerId, placeOf(event));
  if (!gesture || fingers.size < 2) return;
  const now = twoFingers();
  const { last } = gesture;
  gesture.way ??= wayOf(gesture.start, now, view);
  gesture.last = now;
  const [from, to] = [middleOf(last), middleOf(now)];
  if (gesture.way === 'view') drag(from, to, lengthOf(now) / lengthOf(last));
  if (gesture.way === 'page') scrollBy(from[0] - to[0], from[1] - to[1]);
};
const touchUp = (event) => {
  if (!fingers.delete(event.pointerId) || !gesture) return;
  if (fingers.size > 1) Object.assign(gesture, { start: twoFingers(), last: twoFingers() });
  if (!fingers.size) gesture = null; // a finger that stays behind draws nothing
};
canvas.addEventListener('pointermove', touchMove);
for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, touchUp);

// --- Mouse ---

let grip = null; // where the middle button holds the drawing
canvas.addEventListener('pointerdown', (event) => {
  if (event.button !== 1 || view.z === 1 || drawing.stroke) return;
  event.preventDefault(); // of the browser's own scrolling
  canvas.setPointerCapture(event.pointerId);
  grip = placeOf(event);
});
canvas.addEventListener('pointermove', (event) => {
  if (!grip || event.pointerType !== 'mouse') return;
  drag(grip, placeOf(event));
  grip = placeOf(event);
});
for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'])
  canvas.addEventListener(end, () => (grip = null));

const LINE = 16;
const MOST_NOTCH = 25; // pixels of a wheel that counts lines; of one step of the zoom
sheet.addEventListener(
  'wheel',
  (event) => {
    const zooms = event.ctrlKey || event.metaKey;
    const unit = event.deltaMode ? LINE : 1; // a pinch on a touchpad has Ctrl too
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const at = placeOf(event);
    const before = view;
    if (drawing.stroke) return zooms && event.preventDefault();
    if (zooms) drag(at, at, Math.exp(-clamp(dy, -MOST_NOTCH, MOST_NOTCH) / 100));
    else drag(at, [at[0] - dx, at[1] - dy]);
    if (zooms || view !== before) event.preventDefault(); // else the page scrolls
  },
  { passive: false },
);
