import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onWhite } from '../../pix2pix/ui/draw/images.js';

const image = (...pixels) => Uint8ClampedArray.from(pixels.flat());
const pixel = (data, i) => [...data.slice(4 * i, 4 * i + 4)];

test('what is clear becomes white', () => {
  const data = onWhite(image([0, 0, 0, 0], [0, 0, 0, 255], [200, 0, 0, 128]));
  assert.deepEqual(pixel(data, 0), [255, 255, 255, 255]);
  assert.deepEqual(pixel(data, 1), [0, 0, 0, 255]);
  assert.equal(pixel(data, 2)[0] > 200, true);
});

test('pale ink on nothing becomes dark, its colours stay', () => {
  const data = onWhite(image([0, 0, 0, 0], [255, 255, 255, 255], [255, 255, 255, 255], [255, 200, 200, 20]));
  assert.deepEqual(pixel(data, 1), [0, 0, 0, 255]);
  assert.ok(pixel(data, 3)[0] > pixel(data, 3)[1]);
});

test('pale ink on paper stays pale', () => {
  assert.deepEqual(pixel(onWhite(image([255, 255, 255, 255], [240, 240, 240, 255])), 1), [240, 240, 240, 255]);
});
