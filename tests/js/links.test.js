import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { decode, encode } from '../../pix2pix/ui/draw/links.js';
import { simplify } from '../../pix2pix/ui/draw/simplify.js';

const zigzag = Array.from({ length: 40 }, (_, i) => [10 * i, i % 2 ? 300 : 200]).flat();
const ink = { c: 'ink', w: 5, m: 0, p: [100, 100, 200, 103, 300, 100] };

// A link to bytes as a drawing has them: colour, width, number of points, differences; seven bits a byte.
const link = (...numbers) => {
  const bytes = [];
  for (let n of numbers) {
    for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) + 128);
    bytes.push(n);
  }
  return deflateRawSync(Buffer.from(bytes)).toString('base64url');
};
const many = (count, ...numbers) => Array.from({ length: count }, () => numbers).flat();

test('a drawing comes back from its link', async () => {
  const strokes = [
    ink,
    { c: 'red', w: 18, m: 1, p: [100, 100, 400, 400] },
    { c: 'erase', w: 28, m: 0, p: [50, 60] },
    { c: '#1a2b3c', w: 18, m: 0, p: [1, 2, 300, 4] },
    { c: 'blue', w: 1, m: 0, f: 1, p: [0, 0, 100, 0, 100, 100, 0, 0] },
    { c: 'ink', w: 5, m: 0, p: [0, 0, 100, 0], r: [2, 14] },
  ];
  assert.deepEqual(await decode(await encode(strokes, 3)), { strokes, fresh: true, style: 3 });
});

test('a style of numbers comes back to a hundredth', async () => {
  const style = Array.from({ length: 16 }, (_, i) => (i - 8) / 4 + 0.001);
  const { style: found } = await decode(await encode([ink], style));
  assert.deepEqual(
    found,
    style.map((v) => Math.round(100 * v) / 100),
  );
});

test('a link of before styles gets the first one', async () => {
  assert.equal((await decode(await encode([ink], null))).style, 0);
});

test('a long stroke comes back in pieces, each beginning where the last one ends', async () => {
  const p = Array.from({ length: 2500 }, (_, i) => [i % 512, i % 2 ? 100 : 108]).flat();
  const { strokes } = await decode(await encode([{ ...ink, w: 1, p }], 0));
  assert.ok(strokes.length > 1);
  for (const [i, stroke] of strokes.slice(1).entries()) assert.deepEqual(stroke.p.slice(0, 2), strokes[i].p.slice(-2));
  const back = strokes.flatMap((stroke, i) => (i ? stroke.p.slice(2) : stroke.p));
  assert.deepEqual(back, simplify(p));
});

test('a drawing too long for a link has none', async () => {
  const scribble = (n) => ({ ...ink, p: zigzag.map((v) => v + n) });
  assert.equal(
    await encode(
      Array.from({ length: 2000 }, (_, n) => scribble(n % 90)),
      0,
    ),
    '',
  );
});

test('many points are opened', async () => {
  const { strokes } = await decode(link(...many(10, 0, 5, 1999, ...Array(3998).fill(0))));
  assert.equal(strokes.length, 10);
});

const REFUSED = {
  'five million points': link(0, 5, 5_000_000, ...Array(100_000).fill(0)),
  'many in all': link(...many(11, 0, 5, 2000, ...Array(4000).fill(0))),
  'many in one': link(0, 5, 2001, ...Array(4002).fill(0)),
  'a width that is -1 where numbers have 32 bits': link(0, 2 ** 32 - 1, 1, 200, 200),
  wide: link(0, 129, 1, 200, 200),
  thin: link(0, 0, 1, 200, 200),
  '6,000 lines from edge to edge': link(...many(3, 0, 1, 2000, ...many(1000, 0, 1000, 0, 999))),
  'wide and mirrored, around one place': link(...many(8, 1, 32, 2000, ...many(1000, 2, 0, 1, 0))),
  'thousands of dots': link(...many(2001, 0, 1, 1, 200, 200)),
  'a long text': link(0, 5, 1) + 'A'.repeat(16_000),
  'pressed too hard': link(126, 0, 5, 1, 200, 200, 90),
  'pressed on one place': link(
    ...many(9, 126, 1, 1, 2000, 400, 400, ...many(999, 2, 2, 1, 1), 0, 0, ...Array(2000).fill(14)),
  ),
  'a pressure is missing': link(126, 0, 5, 2, 200, 200, 2, 2, 8),
  'a colour that nobody knows': link(60, 5, 1, 200, 200),
  'no deflated bytes': 'AAAA',
  'no letters of base64': '%%%',
};
for (const [what, code] of Object.entries(REFUSED))
  test(`refused: ${what}`, async () => {
    await assert.rejects(decode(code));
  });
