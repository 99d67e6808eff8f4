import assert from 'node:assert/strict';
import { test } from 'node:test';
import { circlesOf, EVEN, PRESSURES, partsOf, widest } from '../../pix2pix/ui/draw/ribbons.js';

test('half of the pressure is the width of the slider, and none that is felt is half', () => {
  assert.equal(partsOf(0.5), EVEN);
  assert.equal(partsOf(0), EVEN);
  assert.equal(partsOf(1), PRESSURES[1]);
});

test('no ribbon is wider than said', () => {
  const stroke = { w: 10, p: [0, 0, 50, 20, 100, 0], r: [2, 14, 8] };
  const circles = [1, 2].flatMap((i) => circlesOf(stroke, i));
  assert.ok(circles.every(([, , radius]) => 2 * radius <= widest(stroke)));
  assert.equal(widest({ w: 10 }), 10);
});

test('the pieces of a ribbon join', () => {
  const stroke = { w: 10, p: [0, 0, 50, 20, 100, 0, 120, 80], r: [2, 14, 8, 3] };
  for (const i of [1, 2]) assert.deepEqual(circlesOf(stroke, i).at(-1), circlesOf(stroke, i + 1)[0]);
});
