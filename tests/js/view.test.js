import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIDE } from '../../pix2pix/ui/draw/strokes.js';
import {
  bounded,
  drawnAt,
  lengthOf,
  MOST_ZOOM,
  middleOf,
  moved,
  revealing,
  sameView,
  seenAt,
  WHOLE,
  wayOf,
} from '../../pix2pix/ui/draw/view.js';

const near = (a, b) => assert.ok(Math.hypot(a[0] - b[0], a[1] - b[1]) < 1e-9, `${a} is not ${b}`);

test('what lies under a finger stays under it while it zooms', () => {
  const view = { z: 2, x: 100, y: 50 };
  const before = drawnAt(view, [200, 300]);
  near(drawnAt(moved(view, [200, 300], [220, 310], 1.5), [220, 310]), before);
});

test('seen and drawn places are each other back', () => {
  const view = { z: 3, x: 70, y: 20 };
  near(drawnAt(view, seenAt(view, [123, 45])), [123, 45]);
});

test('no view is beyond the paper, smaller than it, or larger than allowed', () => {
  assert.deepEqual(bounded({ z: 0.2, x: -50, y: 900 }), WHOLE);
  assert.deepEqual(bounded({ z: 2, x: 900, y: -5 }), { z: 2, x: SIDE / 2, y: 0 });
  assert.equal(moved({ z: 6, x: 0, y: 0 }, [0, 0], [0, 0], 9).z, MOST_ZOOM);
  assert.ok(sameView(moved(WHOLE, [0, 0], [80, 80]), WHOLE));
});

test('a place is brought into sight by the least move', () => {
  const view = { z: 4, x: 0, y: 0 };
  assert.ok(sameView(revealing(view, [60, 60]), view));
  const { x, y } = revealing(view, [300, 60]);
  assert.equal(y, 0);
  assert.ok(300 > x && 300 < x + SIDE / 4);
});

test('two fingers that spread mean the drawing, two that go along mean the page', () => {
  const start = [
    [100, 100],
    [200, 100],
  ];
  assert.equal(
    wayOf(
      start,
      [
        [60, 100],
        [240, 100],
      ],
      WHOLE,
    ),
    'view',
  );
  assert.equal(
    wayOf(
      start,
      [
        [100, 140],
        [200, 140],
      ],
      WHOLE,
    ),
    'page',
  );
  assert.equal(
    wayOf(
      start,
      [
        [100, 105],
        [200, 105],
      ],
      WHOLE,
    ),
    undefined,
  );
  assert.equal(
    wayOf(
      start,
      [
        [100, 140],
        [200, 140],
      ],
      { z: 2, x: 0, y: 0 },
    ),
    'view',
  );
  assert.deepEqual([middleOf(start), lengthOf(start)], [[150, 100], 100]);
});
