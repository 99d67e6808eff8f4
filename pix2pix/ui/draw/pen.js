// The pen: strokes that grow under mouse, finger, stylus or keys.

// `who` draws: the number of a pointer, or KEYS. A place has the pen's pressure as its third number, if it feels one.
const begin = (c, who, at) => {
  sharpen();
  disturb();
  pointer = who;
  stroke = { c, w: c === 'erase' ? widths.erase : widths[kind()], m: mirror ? 1 : 0, p: [] };
  inked ||= c !== 'erase';
  closeVersions();
  for (const paper of [screen, small]) paper.begin();
  extend(at);
  tidy();
  painter.refresh();
};

const extend = (...points) => {
  const { p } = stroke, since = p.length / 2;
  for (const [x, y, pressure] of points) {
    if (p.length && Math.hypot(x - p.at(-2), y - p.at(-1)) < 1 / view.z) continue;
    p.push(x, y);
    if (pressure === undefined) continue;
    stroke.r ??= [];
    const before = stroke.r.at(-1) ?? partsOf(pressure);
    stroke.r.push(Math.round(100 * (before + (partsOf(pressure) - before) * 0.4)) / 100); // a hand trembles
  }
  if (p.length / 2 > since) for (const paper of [screen, small]) paper.grow(stroke, since);
};

const finish = () => {
  if (stroke.r?.every((part) => part === EVEN)) delete stroke.r; // a pen that feels no pressure
  for (const paper of [screen, small]) paper.end(stroke);
  const erased = stroke.c === 'erase';
  if (!erased || small.changed) steps.push(dressed({ strokes: [stroke] })), (undone = []); // else it has met nothing
  for (const paper of [screen, small]) paper.settle(steps);
  if (erased) inked = !small.blank;
  touch(stroke.c);
  stroke = pointer = null;
  hush();
  shrink();
  painter.overtake();
  commit();
};

// As if it had not begun.
const drop = () => {
  stroke = pointer = null;
  redraw();
  shrink();
};

// A place of the drawing, to a quarter of what a unit is on the paper.
const point = (event) => [
  ...drawnAt(view, onPaper(placeOf(event)).map((v) => Math.round(v * 4) / 4)),
  ...(event.pointerType === 'pen' ? [event.pressure] : []),
];

const holds = (event) => event.pointerId === pointer; // which is null while no stroke grows
let finger = false; // whether it is a finger that draws
canvas.addEventListener('pointerdown', (event) => {
  if (event.button > 0 && event.button !== 5) return; // 5: the eraser end of a pen
  if (event.pointerType === 'mouse' && event.ctrlKey) return; // on a Mac it opens the context menu
  liftKeys();
  if (event.pointerType === 'touch' && touchDown(event)) return void (tap = null);
  if (stroke && finger && event.pointerType === 'pen') drop(); // the palm came before the pen
  if (stroke) return; // a second finger, or the palm
  event.preventDefault();
  easel.focus({ preventScroll: true });
  if (event.button !== 5 && actsInstead(event)) return;
  canvas.setPointerCapture(event.pointerId);
  finger = event.pointerType === 'touch';
  begin(event.button === 5 ? 'erase' : tool, event.pointerId, point(event));
});
canvas.addEventListener('pointermove', (event) => {
  if (!holds(event)) return;
  if (!event.buttons) return finish(); // let go where nobody heard of it, as in a context menu
  const between = event.getCoalescedEvents?.() ?? [];
  extend(...(between.length ? between : [event]).map(point));
  painter.refresh();
});
const lift = (event) => holds(event) && finish();
for (const end of ['pointerup', 'lostpointercapture']) canvas.addEventListener(end, lift);
// The system takes the pointer back: it was a palm, or a gesture from the edge of the screen.
canvas.addEventListener('pointercancel', (event) => holds(event) && drop());

// A ring as wide as the line, around the mouse or the pen over the paper.
const ring = $('.ring');
const putAt = (mark, [x, y]) => {
  const [left, top] = seenAt(view, [x, y]);
  mark.style.left = `${(100 * left) / SIDE}%`;
  mark.style.top = `${(100 * top) / SIDE}%`;
};
const showRing = (event) => {
  ring.classList.toggle('near', event.type === 'pointermove' && event.pointerType !== 'touch');
  putAt(ring, point(event));
};
for (const kind of ['pointermove', 'pointerleave']) canvas.addEventListener(kind, showRing);
