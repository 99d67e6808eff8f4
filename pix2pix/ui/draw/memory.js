// The tab's memory: a reload (Gradio does one when the server comes back) keeps the drawing. And the start of it all.

const MEMORY = 'pix2pix.drawing';
let later = 0;

// Undefined where it can't be done: the storage is full, or blocked, as it may be in frames of other sites.
const storage = (act) => {
  try {
    return act(sessionStorage);
  } catch {}
};
const forget = () => storage((s) => s.removeItem(MEMORY));

const packed = ({ image, ...step }) => {
  if (!image) return step;
  image.packed ??= { ink: image.ink.toDataURL(), colour: image.colour.toDataURL() }; // it never changes
  return { ...step, image: image.packed };
};

const memorise = () => {
  clearTimeout(later);
  later = 0;
  const save = (some) => {
    const memory = JSON.stringify({ link: location.hash, steps: some.map(packed) });
    return storage((s) => (s.setItem(MEMORY, memory), true));
  };
  save(steps) || save(seen(steps)) || forget(); // too large: without what undo would bring back, or not at all
};
// Not at once: it may be long, and the pen comes first.
function remember() {
  later ||= setTimeout(memorise, 700);
}
addEventListener('pagehide', () => later && memorise());

const recall = async () => {
  const memory = storage((s) => JSON.parse(s.getItem(MEMORY))) ?? {};
  if (location.hash.startsWith('#d=') && memory.link !== location.hash) return openLink();
  const load = async (src) => {
    const layer = newCanvas(SIDE);
    layer.getContext('2d').drawImage(await loaded(src), 0, 0);
    return layer;
  };
  const unpacked = async (image) => ({ ink: await load(image.ink), colour: await load(image.colour), packed: image });
  const old = [];
  for (const step of memory.steps ?? []) old.push(step.image ? { ...step, image: await unpacked(step.image) } : step);
  liftPen();
  steps = [...old, ...steps]; // what was drawn meanwhile stays on top
  if (old.length) redraw();
};

addEventListener('hashchange', () => location.hash.startsWith('#d=') && openLink());
showTool();
tidy();
useModel();
recall().catch(forget);
