// What mouse, finger and stylus do on the paper.

import { actsInstead, forgetTap } from './colors.js';
import { canvas, drawing, easel, tools } from './easel.js';
import { $ } from './host.js';
import { liftKeys } from './keys.js';
import { painter } from './picture.js';
import { begin, drop, extend, finish } from './stroke.js';
import { point, putAt } from './viewport.js';
import { touchDown } from './zoom.js';

const holds = (event) => event.pointerId === drawing.pointer; // which is null while no stroke grows
const putDown = (event) => {
  if (event.button > 0 && event.button !== 5) return; // 5: the eraser end of a pen
  if (event.pointerType === 'mouse' && event.ctrlKey) return; // on a Mac it opens the context menu
  liftKeys();
  if (event.pointerType === 'touch' && touchDown(event)) return forgetTap();
  if (drawing.stroke && drawing.finger && event.pointerType === 'pen') drop(); // the palm came before the pen
  if (drawing.stroke) return; // a second finger, or the palm
  event.preventDefault();
  easel.focus({ preventScroll: true });
  if (event.button !== 5 && actsInstead(event)) return;
  canvas.setPointerCapture(event.pointerId);
  drawing.finger = event.pointerType === 'touch';
  begin(event.button === 5 ? 'erase' : tools.taken, event.pointerId, point(event));
};
canvas.addEventListener('pointerdown', putDown);
// A pen that came down before this script: where it moves on, its stroke begins.
const early = (event) => event.buttons === 1 && putDown(event);
canvas.addEventListener('pointermove', early, { once: true });
const heard = () => canvas.removeEventListener('pointermove', early);
addEventListener('pointerdown', heard, { capture: true, once: true });

canvas.addEventListener('pointermove', (event) => {
  if (!holds(event)) return;
  if (!event.buttons) return finish(); // let go where nobody heard of it, as in a context menu
  const between = event.getCoalescedEvents?.() ?? [];
  extend(...(between.length ? between : [event]).map(point));
  painter.refresh();
});
const lift = (event) => holds(event) && finish();
for (const end of ['pointerup', 'lostpointercapture']) canvas.addEventListener(end, lift);
// The system takes the pointer back: it was a palm, or a gesture from the edge of the screen.
canvas.addEventListener('pointercancel', (event) => holds(event) && drop());

// A ring as wide as the line, around the mouse or the pen over the paper.
const ring = $('.ring');
const showRing = (event) => {
  ring.classList.toggle('near', event.type === 'pointermove' && event.pointerType !== 'touch');
  putAt(ring, point(event));
};
for (const kind of ['pointermove', 'pointerleave']) canvas.addEventListener(kind, showRing);
