// The drawing of each subject, kept while others are tried.

import { drawing } from './easel.js';
import { props } from './host.js';

// Models without a subject of their own have one drawing for all of them.
export const subjectKey = () => (props.model_subject ? props.model_name : '');

const kept = new Map();
let shown = null;
export const shelve = (key, steps) => kept.set(key, { steps, undone: [], firstStyle: null });
// [key, steps] of those that are not on the easel.
export const shelved = () => [...kept].filter(([key]) => key !== shown).map(([key, { steps }]) => [key, steps]);

// For another model: puts the drawing of its subject on the easel; whether that is another one.
export const unshelve = () => {
  const now = subjectKey();
  if (now === shown) return false;
  const { steps, undone, firstStyle } = drawing;
  if (shown !== null) kept.set(shown, { steps, undone, firstStyle });
  const first = shown === null;
  shown = now;
  if (!first) Object.assign(drawing, kept.get(now) ?? { steps: [], undone: [], firstStyle: null });
  return !first;
};
