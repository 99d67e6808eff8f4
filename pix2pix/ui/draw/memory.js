// The tab's memory: a reload (Gradio does one when the server comes back) keeps the drawing.

import { drawing, on } from './easel.js';
import { liftPen, redraw } from './history.js';
import { props } from './host.js';
import { loaded } from './images.js';
import { newCanvas } from './paper.js';
import { shelve, shelved, subjectKey } from './shelf.js';
import { SIDE, seen } from './strokes.js';

const MEMORY = 'pix2pix.drawing';
let later = 0;

// Undefined where it can't be done: the storage is full, or blocked, as it may be in frames of other sites.
const storage = (act) => {
  try {
    return act(sessionStorage);
  } catch {}
};
export const forget = () => storage((s) => s.removeItem(MEMORY));

const packed = ({ image, ...step }) => {
  if (!image) return step;
  image.packed ??= { ink: image.ink.toDataURL(), colour: image.colour.toDataURL() }; // it never changes
  return { ...step, image: image.packed };
};

const memorise = () => {
  clearTimeout(later);
  later = 0;
  const save = (some, others = []) => {
    const kept = [[subjectKey(), some], ...others].map(([key, steps]) => [key, steps.map(packed)]);
    const memory = JSON.stringify({ link: location.hash, model: props.model_name, kept });
    return storage((s) => {
      s.setItem(MEMORY, memory);
      return true;
    });
  };
  // Too large: without the other subjects, then without what undo would bring back, or not at all.
  save(drawing.steps, shelved()) || save(drawing.steps) || save(seen(drawing.steps)) || forget();
};
// Not at once: it may be long, and the pen comes first.
export const remember = () => {
  later ||= setTimeout(memorise, 700);
};
addEventListener('pagehide', () => later && memorise());

const remembered = () => storage((s) => JSON.parse(s.getItem(MEMORY))) ?? {};
// Whether what is remembered came by this link, and may have been drawn on since.
export const remembersLink = (hash) => remembered().link === hash;

// Answers with the model that it was drawn for.
export const recall = async () => {
  const load = async (src) => {
    const layer = newCanvas(SIDE);
    layer.getContext('2d').drawImage(await loaded(src), 0, 0);
    return layer;
  };
  const unpacked = async (image) => ({ ink: await load(image.ink), colour: await load(image.colour), packed: image });
  const { steps: own = [], kept = [['', own]], model } = remembered(); // `steps`: of before there were subjects
  for (const [key, steps] of kept) {
    const old = [];
    for (const step of steps) old.push(step.image ? { ...step, image: await unpacked(step.image) } : step);
    if (key !== subjectKey()) {
      shelve(key, old);
      continue;
    }
    liftPen();
    drawing.steps = [...old, ...drawing.steps]; // what was drawn meanwhile stays on top
    if (old.length) redraw();
  }
  return model;
};

on('commit', remember);
