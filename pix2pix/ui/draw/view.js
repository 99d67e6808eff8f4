// What part of the drawing the paper shows. A view is {z: how many times larger than the whole, x, y: what stands in the
// paper's upper left corner}. Places on the paper are in units of SIDE, as the drawing's own are.

import { SIDE } from './strokes.js';

export const WHOLE = { z: 1, x: 0, y: 0 };
export const MOST_ZOOM = 8;

export const clamp = (v, low, high) => Math.min(Math.max(v, low), high);
export const bounded = ({ z, x, y }) => {
  const zoom = clamp(z, 1, MOST_ZOOM);
  const room = SIDE - SIDE / zoom;
  return { z: zoom, x: clamp(x, 0, room), y: clamp(y, 0, room) };
};
// The view in which what was seen at the place `from` of the paper is seen at `to`, `times` larger.
export const moved = ({ z, x, y }, from, to, times = 1) => {
  const zoom = clamp(z * times, 1, MOST_ZOOM);
  return bounded({ z: zoom, x: x + from[0] / z - to[0] / zoom, y: y + from[1] / z - to[1] / zoom });
};
// The least change of a view that brings a place of the drawing into it.
export const revealing = ({ z, x, y }, [px, py]) => {
  const rim = SIDE / z / 10;
  const length = SIDE / z;
  return bounded({ z, x: clamp(x, px + rim - length, px - rim), y: clamp(y, py + rim - length, py - rim) });
};
export const sameView = (a, b) => a.z === b.z && a.x === b.x && a.y === b.y;
export const seenAt = ({ z, x, y }, [px, py]) => [(px - x) * z, (py - y) * z];
export const drawnAt = ({ z, x, y }, [u, v]) => [u / z + x, v / z + y];

// Two fingers: what their next place makes of the view, or of the page when the whole drawing is seen and they
// go the same way.
//   {fingers: places on the screen, way: undefined until it is clear, then 'view' or 'page'}
export const middleOf = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
export const lengthOf = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
export const wayOf = (start, now, view) => {
  if (view.z > 1 || Math.abs(Math.log(lengthOf(now) / lengthOf(start))) > 0.15) return 'view';
  const [from, to] = [middleOf(start), middleOf(now)];
  return Math.hypot(to[0] - from[0], to[1] - from[1]) > 12 ? 'page' : undefined;
};
