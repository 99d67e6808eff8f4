// Zoom and pan: two fingers, the wheel, the middle button, keys, and the buttons on the paper.

// The view changes at once, as the browser scales what is there; sharp lines follow when it rests.
let view = WHOLE, resting = 0;

const sharpen = () => {
  clearTimeout(resting);
  if (sameView(view, screen.view)) return;
  screen.resize(screen.pixels, view);
  screen.draw(steps, stroke);
  for (const layer of [canvas, $('.colour')]) layer.style.transform = '';
};

const setView = (next) => {
  if (sameView(next, view)) return;
  view = next;
  const [x, y] = seenAt(view, [screen.view.x, screen.view.y]).map((v) => (100 * v) / SIDE), z = view.z / screen.view.z;
  for (const layer of [canvas, $('.colour')]) layer.style.transform = `translate(${x}%, ${y}%) scale(${z})`;
  sheet.style.setProperty('--zoom', view.z);
  $('.axis').style.left = `${(100 * seenAt(view, [SIDE / 2, 0])[0]) / SIDE}%`;
  easel.classList.toggle('zoomed', view.z > 1);
  $('.zoom output').textContent = `${Math.round(100 * view.z)}%`;
  element.querySelector('[data-do=larger]').disabled = view.z >= MOST_ZOOM;
  putAt(nib, place);
  clearTimeout(resting);
  resting = setTimeout(sharpen, 120);
};

const CENTRE = [SIDE / 2, SIDE / 2];
const zoomBy = (times, at = CENTRE) => setView(moved(view, at, at, times));
Object.assign(ACTIONS, { larger: () => zoomBy(2), smaller: () => zoomBy(1 / 2), whole: () => setView(WHOLE) });

// A place of the window -> of the paper.
const onPaper = ([x, y]) => {
  const box = sheet.getBoundingClientRect();
  return [((x - box.left) * SIDE) / box.width, ((y - box.top) * SIDE) / box.width];
};
const placeOf = (event) => [event.clientX, event.clientY];
const drag = (from, to, times) => setView(moved(view, onPaper(from), onPaper(to), times));

// --- Fingers ---

const fingers = new Map();
let gesture = null; // while two fingers are, or were, on the paper: {start, last, way}

const twoFingers = () => [...fingers.values()].slice(0, 2);
const touchDown = (event) => {
  fingers.set(event.pointerId, placeOf(event));
  if (fingers.size < 2 || (stroke && !finger)) return Boolean(gesture); // beside a pen it is the palm
  if (stroke) drop();
  gesture = { start: twoFingers(), last: twoFingers(), way: gesture?.way };
  return true;
};
const touchMove = (event) => {
  if (!fingers.has(event.pointerId)) return;
  fingers.set(event.pointerId, placeOf(event));
  if (!gesture || fingers.size < 2) return;
  const now = twoFingers(), { last } = gesture;
  gesture.way ??= wayOf(gesture.start, now, view);
  gesture.last = now;
  const [from, to] = [middleOf(last), middleOf(now)];
  if (gesture.way === 'view') drag(from, to, lengthOf(now) / lengthOf(last));
  if (gesture.way === 'page') scrollBy(from[0] - to[0], from[1] - to[1]);
};
const touchUp = (event) => {
  if (!fingers.delete(event.pointerId) || !gesture) return;
  if (fingers.size > 1) Object.assign(gesture, { start: twoFingers(), last: twoFingers() });
  if (!fingers.size) gesture = null; // a finger that stays behind draws nothing
};
canvas.addEventListener('pointermove', touchMove);
for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, touchUp);

// --- Mouse ---

let grip = null; // where the middle button holds the drawing
canvas.addEventListener('pointerdown', (event) => {
  if (event.button !== 1 || view.z === 1 || stroke) return;
  event.preventDefault(); // of the browser's own scrolling
  canvas.setPointerCapture(event.pointerId);
  grip = placeOf(event);
});
canvas.addEventListener('pointermove', (event) => {
  if (!grip || event.pointerType !== 'mouse') return;
  drag(grip, placeOf(event));
  grip = placeOf(event);
});
for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) canvas.addEventListener(end, () => (grip = null));

const LINE = 16, MOST_NOTCH = 25; // pixels of a wheel that counts lines; of one step of the zoom
sheet.addEventListener('wheel', (event) => {
  const zooms = event.ctrlKey || event.metaKey, unit = event.deltaMode ? LINE : 1; // a pinch on a touchpad has Ctrl too
  const [dx, dy] = [event.deltaX * unit, event.deltaY * unit], at = placeOf(event);
  const before = view;
  if (stroke) return zooms && event.preventDefault();
  if (zooms) drag(at, at, Math.exp(-clamp(dy, -MOST_NOTCH, MOST_NOTCH) / 100));
  else drag(at, [at[0] - dx, at[1] - dy]);
  if (zooms || view !== before) event.preventDefault(); // else the page scrolls
}, { passive: false });
