// Lines as wide as the pen was pressed: the stroke's curve as circles, and what lies between each two of them.

import { SIDE } from './strokes.js';

export const EVEN = 8; // of `r`: the width that the slider says
export const PRESSURES = [2, 14]; // what the lightest and the strongest pressure make of it

export const widest = ({ w, r }) => (r ? (w * PRESSURES[1]) / EVEN : w);

// A pen's pressure, from 0 to 1 -> parts of EVEN. Half of it, which is also what a pen says that feels none, is even.
export const partsOf = (pressure) => PRESSURES[0] + (PRESSURES[1] - PRESSURES[0]) * (pressure || 0.5);

// The circles [x, y, radius] along the piece of the curve that ends between the points i - 1 and i (see lineOf).
const PIECES = 4;
export const circlesOf = ({ p, w, r }, i) => {
  const at = (k) => [p[2 * k], p[2 * k + 1], (w * r[k]) / EVEN / 2];
  const mid = (a, b) => a.map((v, j) => (v + b[j]) / 2);
  const control = at(i - 1);
  const start = i > 1 ? mid(at(i - 2), control) : control;
  const end = mid(control, at(i));
  return Array.from({ length: PIECES + 1 }, (_, k) => {
    const t = k / PIECES;
    return start.map((v, j) => (1 - t) ** 2 * v + 2 * t * (1 - t) * control[j] + t * t * end[j]);
  });
};

// All pieces turn the same way round, so that no two of them cancel each other where they overlap.
const addCircle = (path, [x, y, r]) => {
  path.moveTo(x + r, y);
  path.arc(x, y, r, 0, 2 * Math.PI, true);
};
const addSpan = (path, [ax, ay, ar], [bx, by, br]) => {
  const length = Math.hypot(bx - ax, by - ay);
  if (!length) return;
  const [nx, ny] = [(ay - by) / length, (bx - ax) / length];
  path.moveTo(ax + nx * ar, ay + ny * ar);
  path.lineTo(bx + nx * br, by + ny * br);
  path.lineTo(bx - nx * br, by - ny * br);
  path.lineTo(ax - nx * ar, ay - ny * ar);
  path.closePath();
};
const addCircles = (path, circles, m) => {
  for (const flip of m ? [(x) => x, (x) => SIDE - x] : [(x) => x]) {
    const there = circles.map(([x, y, r]) => [flip(x), y, r]);
    for (const circle of there) addCircle(path, circle);
    for (let k = 1; k < there.length; k++) addSpan(path, there[k - 1], there[k]);
  }
};

// What has been made of a stroke that still grows: {paths, points}. Paths of few points: the time that one takes grows
// with the square of what overlaps in it, and a pen may go over one place for a thousand points.
const PATH = 32; // points
const ribbons = new WeakMap();
export const ribbonOf = (stroke) => {
  const { p, w, r, m } = stroke;
  const n = p.length / 2;
  const known = ribbons.get(stroke) ?? { paths: [new Path2D()], points: 1 };
  ribbons.set(stroke, known);
  for (; known.points < n; known.points++) {
    if (known.points % PATH === 0) known.paths.push(new Path2D());
    addCircles(known.paths.at(-1), circlesOf(stroke, known.points), m);
  }
  const tip = [p[2 * n - 2], p[2 * n - 1], (w * r[n - 1]) / EVEN / 2];
  const end = new Path2D(known.paths.at(-1));
  addCircles(end, [n > 1 ? circlesOf(stroke, n - 1)[PIECES] : tip, tip], m);
  return [...known.paths.slice(0, -1), end];
};
