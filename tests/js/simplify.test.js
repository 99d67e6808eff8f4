import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVEN } from '../../pix2pix/ui/draw/ribbons.js';
import { kept, simplify, thinned } from '../../pix2pix/ui/draw/simplify.js';

test('a straight line keeps its ends', () => {
  const line = Array.from({ length: 50 }, (_, i) => [i, 2 * i]).flat();
  assert.deepEqual(kept(line, 0.7), [
    [0, 0],
    [49, 98],
  ]);
});

test('no point of a curve is farther than the slack from what is kept', () => {
  const circle = Array.from({ length: 200 }, (_, i) => [256 + 100 * Math.cos(i / 32), 256 + 100 * Math.sin(i / 32)]);
  const found = kept(circle.flat(), 0.7);
  assert.ok(found.length < 40);
  for (const [x, y] of circle) {
    const distances = found.slice(1).map(([bx, by], i) => {
      const [ax, ay] = found[i];
      const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / Math.hypot(bx - ax, by - ay) ** 2;
      const t = Math.min(Math.max(along, 0), 1);
      return Math.hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y);
    });
    assert.ok(Math.min(...distances) <= 0.7);
  }
});

test('a sharp corner is doubled, else the curve would round it; a flat one is not', () => {
  assert.deepEqual(simplify([0, 0, 100, 0, 100, 100]), [0, 0, 100, 0, 100, 0, 100, 100]);
  assert.deepEqual(simplify([0, 0, 100, 3, 200, 0]), [0, 0, 100, 3, 200, 0]);
});

test('points where the pressure changes are kept', () => {
  const p = Array.from({ length: 100 }, (_, i) => [4 * i, 100]).flat();
  const even = thinned({ c: 'ink', w: 5, p, r: Array(100).fill(EVEN) });
  assert.deepEqual(even.p, [0, 100, 396, 100]);
  const rising = thinned({ c: 'ink', w: 5, p, r: Array.from({ length: 100 }, (_, i) => 2 + i / 10) });
  assert.equal(rising.r.length, rising.p.length / 2);
  assert.ok(rising.r.length > 5);
  assert.ok(rising.r.every((part, i) => i === 0 || part >= rising.r[i - 1]));
});
