// The drawing as the server gets it. Labels have all on the layer of lines.

import { drawing, proof, small } from './easel.js';
import { isBlank } from './paper.js';
import { labels } from './subject.js';

// Of a paper: its lines on white, and its strokes of colour apart from them.
export const inkUrl = (paper, canvas) => paper.print(canvas, [paper.layers[0]]).toDataURL();
export const huesUrl = ({ layers: [, colour] }) => (isBlank(colour) ? null : colour.canvas.toDataURL());

// Of the drawing as it stands. Each of the two is encoded anew only when it was drawn on.
const encoded = {};
export let edition = 1; // its number
export const touch = (c) => {
  edition++;
  if (c !== 'ink') delete encoded.hints;
  if (!c || c === 'ink' || c === 'erase' || labels()) delete encoded.image;
};
export const drawn = () => {
  if (drawing.stroke) touch(drawing.stroke.c); // it grows
  encoded.image ??= inkUrl(small, proof);
  if (encoded.hints === undefined) encoded.hints = huesUrl(small);
  return { ...encoded };
};
