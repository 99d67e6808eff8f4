import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { newestOnly } from '../../pix2pix/ui/draw/painter.js';

// A painter whose server answers when the test says so.
const painting = () => {
  const asked = [];
  const shown = [];
  const states = [];
  let drawing = 0;
  const painter = newestOnly({
    frame: () => (drawing ? { drawing } : null),
    ask: (payload, turn) => new Promise((answer, lose) => asked.push({ payload, turn, answer, lose })),
    show: (answer) => shown.push(answer?.img ?? null),
    state: (name) => states.push(name),
  });
  const draw = (n) => {
    drawing = n;
    painter.refresh();
  };
  const lift = (n = drawing) => {
    drawing = n;
    painter.overtake();
  };
  return { painter, asked, shown, states, draw, lift };
};
// A painter never gives up: its timers would keep the tests from ending.
beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
});
const settled = () => new Promise((go) => setImmediate(go));

test('while a frame is on its way the next ones wait, and the newest leaves', async () => {
  const { asked, shown, draw } = painting();
  for (const n of [1, 2, 3, 4]) draw(n);
  assert.deepEqual(
    asked.map(({ payload }) => payload.drawing),
    [1],
  );
  asked[0].answer({ img: 'one', ms: 10 });
  await settled();
  assert.deepEqual(
    asked.map(({ payload }) => payload.drawing),
    [1, 4],
  );
  asked[1].answer({ img: 'four', ms: 10 });
  await settled();
  assert.deepEqual(shown, ['one', 'four']);
});

test('the frame of a pen that went up overtakes those on their way, whose answers are not shown', async () => {
  const { asked, shown, states, draw, lift } = painting();
  draw(1);
  lift(2);
  assert.ok(asked[1].turn > asked[0].turn);
  asked[1].answer({ img: 'two', ms: 10 });
  await settled();
  asked[0].answer({ img: 'one', ms: 10 });
  await settled();
  assert.deepEqual(shown, ['two']);
  assert.equal(states.at(-1), 'idle');
});

test('an answer of a drawing that was cleared is dropped', async () => {
  const { asked, shown, draw, lift } = painting();
  draw(1);
  lift(0);
  asked[0].answer({ img: 'one', ms: 10 });
  await settled();
  assert.deepEqual(shown, [null]);
});

test('three are on their way at most', () => {
  const { asked, draw, lift } = painting();
  draw(1);
  for (const n of [2, 3, 4, 5]) lift(n);
  assert.equal(asked.length, 3);
});

for (const [what, answer, state] of [
  ['a crowded server', { error: 'frame_busy' }, 'refused'],
  ['a server that is gone', undefined, 'offline'],
])
  test(`${what} is asked again with the newest drawing`, async () => {
    const { asked, shown, states, draw } = painting();
    draw(1);
    asked[0].answer(answer);
    await settled();
    assert.equal(states.at(-1), state);
    draw(2);
    assert.equal(asked.length, 1); // not at once
    mock.timers.tick(250);
    await settled();
    assert.equal(asked[1].payload.drawing, 2);
    asked[1].answer({ img: 'two', ms: 10 });
    await settled();
    assert.deepEqual([shown, states.at(-1)], [['two'], 'idle']);
  });

test('a network that is back is used at once', async () => {
  const { painter, asked, draw } = painting();
  draw(1);
  asked[0].lose(new Error('offline'));
  await settled();
  painter.wake();
  await settled();
  assert.equal(asked.length, 2);
});

test('a drawing that the server refuses is not sent again', async () => {
  const { asked, states, draw } = painting();
  draw(1);
  asked[0].answer({ error: 'frame_bad' });
  await settled();
  assert.deepEqual([asked.length, states.at(-1)], [1, 'refused']);
});
