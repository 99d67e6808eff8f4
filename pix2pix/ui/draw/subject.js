// What is drawn: what the model's checkpoint says of it (checkpoint/subject.py), or as ever lines on white.

import { props } from './host.js';

const PLAIN = {
  means: 'lines',
  paper: '#ffffff',
  palette: [],
  widths: [2, 32],
  tools: ['pen', 'line', 'rectangle', 'polygon', 'fill', 'pick', 'erase', 'mirror'],
};
export const subject = () => props?.model_subject ?? PLAIN;

// Whether drawings are areas of the palette's colours. Then all strokes go on one layer, in the order of drawing.
export const labels = () => subject().means === 'labels';

export const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

// The palette's colours and that of the paper, which is the first where the palette lacks it.
export const labelColours = () => {
  const colours = subject().palette.map(({ color }) => color);
  return colours.includes(subject().paper) ? colours : [subject().paper, ...colours];
};

// Of some colours '#rrggbb' the one that is nearest to r, g, b.
export const nearest = (colours, rgb) => {
  const far = (hex) => channels(hex).reduce((sum, v, i) => sum + (v - rgb[i]) ** 2, 0);
  return colours.reduce((best, next) => (far(next) < far(best) ? next : best));
};
