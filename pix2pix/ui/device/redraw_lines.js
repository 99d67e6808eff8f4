// A drawing's lines anew, in one width, and its strokes of colour, as imaging/redraw_lines.py does it; there stands why.
// Pictures are RGBA pixels of a square, as a canvas gives them; what they show is opaque.

import { thinned } from './thin.js';

export const COLORED = 40; // difference of the largest and smallest channel from which ink counts as a colour
const DARKEST_HINT = 77; // of its largest channel: a hint is never so dark that it reads as a line
const FAINT = 0.7; // ink up to so far from the darkest to the paper belongs to a line
const PALE = 12; // how far from white a tint must be to be one: paper is never quite white

const highOf = (data, i) => Math.max(data[i], data[i + 1], data[i + 2]);
const lowOf = (data, i) => Math.min(data[i], data[i + 1], data[i + 2]);
export const isColored = (data, i) => highOf(data, i) - lowOf(data, i) > COLORED;

// Lightness of the paper, 0 to 255: the most common one of the border.
const paperShade = (data, size) => {
  const shades = [];
  for (let i = 0; i < size; i++)
    for (const pixel of [i, size * (size - 1) + i, size * i, size * i + size - 1])
      shades.push(highOf(data, 4 * pixel) + lowOf(data, 4 * pixel));
  shades.sort((a, b) => a - b);
  return Math.floor(Math.floor((shades[2 * size - 1] + shades[2 * size]) / 2) / 2);
};

// Makes its paper white. Lightness alone is turned over on dark paper: a red stroke stays red.
const whiten = (data, size) => {
  let paper = paperShade(data, size);
  const dark = paper < 128;
  if (dark) paper = 255 - paper;
  if (!dark && paper === 255) return;
  for (let i = 0; i < data.length; i += 4) {
    const turn = dark ? 255 - highOf(data, i) - lowOf(data, i) : 0;
    for (let j = i; j < i + 3; j++) data[j] = Math.floor(Math.min(((data[j] + turn) * 255) / paper, 255));
  }
};

// The round point of a pen `width` pixels wide: its pixels as [right, down] of the one that it is set on.
const penPoint = (width) => {
  const pixels = [];
  const middle = (width - 1) / 2;
  for (let y = 0; y < width; y++)
    for (let x = 0; x < width; x++)
      if ((x - middle) ** 2 + (y - middle) ** 2 <= (width / 2) ** 2)
        pixels.push([Math.floor((width - 1) / 2) - x, Math.floor((width - 1) / 2) - y]);
  return pixels;
};

// (size * size) of 0 and 1 -> the same lines `width` pixels wide, with round ends.
const oneWidth = (ink, size, width) => {
  const drawn = new Uint8Array(size * size);
  const point = penPoint(width);
  thinned(ink, size).forEach((there, i) => {
    if (!there) return;
    for (const [right, down] of point) {
      const x = (i % size) + right;
      const y = Math.floor(i / size) + down;
      if (x >= 0 && x < size && y >= 0 && y < size) drawn[y * size + x] = 1;
    }
  });
  return drawn;
};

// Pixels of a drawing, already `size` square -> its lines (0, 0, 0) `width` pixels wide, its hints, all else white.
export const redrawn = (drawing, size, width) => {
  const data = drawing.slice();
  const ink = new Uint8Array(size * size);
  whiten(data, size);
  let darkest = 255;
  for (let i = 0; i < data.length; i += 4) if (!isColored(data, i)) darkest = Math.min(darkest, highOf(data, i));
  const least = darkest + FAINT * (255 - darkest);
  for (let i = 0; i < data.length; i += 4) {
    if (isColored(data, i)) {
      const lack = Math.max(DARKEST_HINT - highOf(data, i), 0);
      for (let j = i; j < i + 3; j++) data[j] += lack;
    } else {
      ink[i / 4] = highOf(data, i) < least && lowOf(data, i) < 255 - PALE ? 1 : 0;
      data[i] = data[i + 1] = data[i + 2] = 255; // quicker than `fill`
    }
  }
  oneWidth(ink, size, width).forEach((there, i) => {
    if (there) data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = 0;
  });
  return data;
};
