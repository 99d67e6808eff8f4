import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filling, GRID, panelAround } from '../../pix2pix/ui/draw/panels.js';
import { SIDE } from '../../pix2pix/ui/draw/strokes.js';

// Cells of a square's four lines, `thick` cells wide; `gap` cells of its upper line are missing.
const square = (from, to, { gap = 0, thick = 2 } = {}) => {
  const lines = new Uint8Array(GRID * GRID);
  const put = (x, y) => {
    lines[y * GRID + x] = 1;
  };
  for (let i = from; i < to + thick; i++)
    for (let k = 0; k < thick; k++) {
      if (Math.abs(i - (from + to) / 2) >= gap / 2) put(i, from + k);
      put(i, to + k);
      put(from + k, i);
      put(to + k, i);
    }
  return lines;
};
const unit = SIDE / GRID;
const centre = [SIDE / 2, SIDE / 2];

test('the panel around a place ends under the lines around it', () => {
  const mask = panelAround(square(60, 190), centre);
  const at = (x, y) => mask[y * GRID + x];
  assert.equal(at(128, 128), 1);
  assert.equal(at(61, 128), 1); // the inner half of the line
  assert.equal(at(59, 128), 0);
  assert.equal(at(20, 20), 0);
});

test('an open panel is none, a small gap closes', () => {
  assert.equal(panelAround(square(60, 190, { gap: 40 }), centre), null);
  assert.equal(panelAround(square(60, 190), [20, 20]), null);
  assert.ok(panelAround(square(60, 190, { gap: 10 }), centre));
});

test('a tap on the rim of a line means the panel beside it', () => {
  assert.ok(panelAround(square(60, 190), [62 * unit, 128 * unit]));
});

test('the filling of a panel with a hole goes round both, and back', () => {
  const lines = square(40, 210).map((line, i) => line | square(100, 150)[i]);
  const stroke = filling('red', panelAround(lines, [70 * unit, 128 * unit]));
  assert.deepEqual([stroke.c, stroke.f], ['red', 1]);
  const xs = stroke.p.filter((_, i) => i % 2 === 0);
  assert.ok(Math.min(...xs) >= 40 * unit && Math.max(...xs) <= 212 * unit);
  assert.deepEqual(stroke.p.slice(-2), stroke.p.slice(0, 2));
  assert.ok(stroke.p.length / 2 >= 10);
});
