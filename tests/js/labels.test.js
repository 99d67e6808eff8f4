import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../pix2pix/ui/draw/host.js';
import { areaAround, exactFilling, GRID } from '../../pix2pix/ui/draw/panels.js';
import { harden } from '../../pix2pix/ui/draw/paper.js';
import { closed, SPANS } from '../../pix2pix/ui/draw/shapes.js';
import { SIDE } from '../../pix2pix/ui/draw/strokes.js';
import { labelColours, labels, nearest, subject } from '../../pix2pix/ui/draw/subject.js';

const unit = SIDE / GRID;
// Whether a place is inside a closed line, by the rule of even and odd.
const covers = ({ p }, x, y) => {
  let inside = false;
  for (let i = 0; i + 3 < p.length; i += 2) {
    const [ax, ay, bx, by] = p.slice(i, i + 4);
    if (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) inside = !inside;
  }
  return inside;
};

test('an area ends where another colour begins, or the paper does, and its filling covers its cells alone', () => {
  const cells = Uint32Array.from({ length: GRID * GRID }, (_, i) => {
    const [x, y] = [i % GRID, Math.floor(i / GRID)];
    if (Math.abs(x - y) < 4) return 1; // a slanted street, from corner to corner
    return x > 180 && x < 200 && y > 40 && y < 60 ? 2 : 0;
  });
  const mask = areaAround(cells, [400, 20]);
  assert.equal(mask[0 * GRID + 250], 1);
  assert.equal(mask[250 * GRID + 20], 0); // beyond the street
  assert.equal(mask[50 * GRID + 190], 0);
  const stroke = exactFilling('#cbdfac', mask, 2000);
  let wrong = 0;
  for (let y = 0; y < GRID; y++)
    for (let x = 0; x < GRID; x++)
      if (covers(stroke, (x + 0.5) * unit, (y + 0.5) * unit) !== Boolean(mask[y * GRID + x])) wrong++;
  assert.equal(wrong, 0);
  assert.ok(stroke.p.length < 80); // the slanted border is straight
});

test('a filling has no more points than a link takes', () => {
  const cells = Uint32Array.from({ length: GRID * GRID }, (_, i) => {
    const [x, y] = [i % GRID, Math.floor(i / GRID)];
    return y < 8 || (x % 4 < 2 && y < 200) ? 0 : 1;
  });
  const mask = areaAround(cells, [2, 2]);
  assert.ok(exactFilling('#cbdfac', mask, 2000).p.length > 400);
  assert.ok((exactFilling('#cbdfac', mask, 150)?.p ?? []).length <= 300);
});

test('a shape of ink is a closed line with sharp corners, one of colour is filled', () => {
  const corners = [[0, 0], [10, 0], [10, 10]]; // biome-ignore format: as a list
  assert.deepEqual(closed({ c: 'ink', w: 5, m: 1 }, corners).p, [0, 0, 10, 0, 10, 0, 10, 10, 10, 10, 0, 0]);
  assert.deepEqual(closed({ c: '#ffffff', w: 5, m: 1 }, corners), {
    c: '#ffffff',
    w: 1,
    m: 1,
    f: 1,
    p: corners.flat(),
  });
  assert.deepEqual(closed({ c: 'red', w: 5, m: 0 }, corners.slice(0, 2)), { c: 'red', w: 5, m: 0, p: [0, 0, 10, 0] });
  assert.deepEqual(SPANS.line({ c: 'ink', w: 5, m: 0 }, [1, 2], [3, 4]), { c: 'ink', w: 5, m: 0, p: [1, 2, 3, 4] });
  assert.deepEqual(SPANS.rectangle({ c: 'erase', w: 5, m: 0 }, [1, 2], [3, 4]).p, [1, 2, 3, 2, 3, 4, 1, 4]);
});

test('edges become hard: half a pixel or nothing', () => {
  const data = Uint8ClampedArray.from([9, 9, 9, 127, 9, 9, 9, 128, 0, 0, 0, 0]);
  harden(data, [10, 20, 30]);
  assert.deepEqual([...data], [0, 0, 0, 0, 10, 20, 30, 255, 0, 0, 0, 0]);
});

test('the paper is one of the colours of labels', () => {
  connect({ props: {} });
  assert.equal(labels(), false);
  assert.equal(subject().paper, '#ffffff');
  const palette = [{ color: '#ffffff' }, { color: '#b1d0fe' }];
  connect({ props: { model_subject: { means: 'labels', paper: '#e9e5de', palette } } });
  assert.equal(labels(), true);
  assert.deepEqual(labelColours(), ['#e9e5de', '#ffffff', '#b1d0fe']);
  assert.equal(nearest(labelColours(), [180, 200, 250]), '#b1d0fe');
});
