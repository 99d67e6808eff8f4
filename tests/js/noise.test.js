import assert from 'node:assert/strict';
import test from 'node:test';
import { between, noise } from '../../pix2pix/ui/device/noise.js';

const near = (found, wanted) =>
  wanted.forEach((value, i) => {
    assert.ok(Math.abs(found[i] - value) < 1e-5, `${found[i]} is not ${value}`);
  });

// From PyTorch: seed, count, the first numbers and the last.
const KNOWN = [
  [0, 100, [-1.12584, -1.15236, -0.25058], [-0.33345, -0.42883, 0.23292]],
  [7, 20, [-0.82013, 0.39563, 0.89891], [-0.56401, -2.05646, -0.35672]],
  [-1, 32, [-2.6643, -1.09105, 0.45145], [0.38322, -0.16095, 1.96789]],
  [1099511627781, 16, [1.84233, 0.51889, -1.71192], [-0.41941, -0.5849, -0.78234]],
];

test('noise is that of PyTorch', () => {
  for (const [seed, count, first, last] of KNOWN) {
    const found = noise(seed, count);
    assert.equal(found.length, count);
    near(found, first);
    near(found.subarray(-3), last);
  }
});

test('an arc begins and ends where it should, and is as long in the middle', () => {
  const [a, b] = [
    [3, 0],
    [0, 3],
  ];
  near(between(a, b, 0), a);
  near(between(a, b, 1), b);
  near(between(a, b, 0.5), [Math.SQRT1_2 * 3, Math.SQRT1_2 * 3]);
  near(between(a, a, 0.3), a);
});
