// The drawing as the server gets it. Labels have all on the layer of lines.

import { drawing, proof, small } from './easel.js';
import { raw } from './host.js';
import { isBlank, pixelsOf } from './paper.js';
import { labels } from './subject.js';

const packed = (g) => (raw ? pixelsOf(g) : g.canvas.toDataURL());
// Of a paper: its lines on white, and its strokes of colour apart from them.
export const inkOf = (paper, canvas) => packed(paper.print(canvas, [paper.layers[0]]).getContext('2d'));
export const huesOf = ({ layers: [, colour] }) => (isBlank(colour) ? null : packed(colour));

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
  encoded.image ??= inkOf(small, proof);
  if (encoded.hints === undefined) encoded.hints = huesOf(small);
  return { ...encoded };
};
