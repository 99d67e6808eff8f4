// Drawings to start from: those of the model's subject, or those that come with the page.

import { EXAMPLES } from '../data.js';
import { labels, subject } from './subject.js';

export const examples = () => subject().examples ?? EXAMPLES;

// Where a drawing is needed to try the network with.
export const sampleStrokes = (i = 0) => {
  const some = examples().length || labels() ? examples() : EXAMPLES;
  if (some.length) return some[i % some.length].strokes;
  return subject().palette.map(({ color: c }, row) => ({ c, w: 40, m: 0, p: [90, 90 + 50 * row, 420, 60 + 60 * row] }));
};
