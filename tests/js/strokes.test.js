import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourOf, hexOf, NAMES, named, PALETTE } from '../../pix2pix/ui/draw/palette.js';
import { SIDE, seen } from '../../pix2pix/ui/draw/strokes.js';

test('what is to be seen begins with the last fresh step, and undo brings back what was before', () => {
  const [line, clear, dot] = [{ strokes: [1] }, { strokes: [], fresh: true }, { strokes: [2] }];
  assert.deepEqual(seen([line, clear, dot]), [clear, dot]);
  assert.deepEqual(seen([line]), [line]);
  assert.deepEqual(seen([]), []);
  assert.equal(SIDE, 512);
});

test('colours have names where the palette has them', () => {
  for (const name of NAMES) assert.equal(named(colourOf(name)), name);
  assert.equal(named('#123456'), '#123456');
  assert.equal(colourOf('#123456'), '#123456');
  assert.equal(colourOf('erase'), PALETTE.ink);
});

test('a mean of channels becomes a colour', () => {
  assert.equal(hexOf([0, 15.6, 255]), '#0010ff');
});
