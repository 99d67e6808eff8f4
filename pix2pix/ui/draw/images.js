// Images from outside, as steps of a drawing.

import { newCanvas, pixelsOf } from './paper.js';
import { SIDE } from './strokes.js';
import { labels, subject } from './subject.js';

const HUED = 24; // the difference of the largest and smallest channel from which a pixel is no grey

export const loaded = async (src) => {
  const image = Object.assign(new Image(), { src });
  await image.decode();
  return image;
};

// Its RGBA pixels, as a square of `size`.
export const pixelsOfImage = async (src, size) => {
  const g = newCanvas(size).getContext('2d');
  g.drawImage(await loaded(src), 0, 0, size, size);
  return pixelsOf(g);
};

// RGBA pixels of a drawing -> the same on white paper. Pale ink on nothing would be lost there: it becomes dark.
export const onWhite = (data) => {
  let clear = 0;
  let seen = 0;
  let light = 0;
  for (let i = 0; i < data.length; i += 4) {
    const a = data[i + 3];
    clear += a < 32 ? 4 / data.length : 0;
    seen += a;
    light += (a * (Math.max(data[i], data[i + 1], data[i + 2]) + Math.min(data[i], data[i + 1], data[i + 2]))) / 2;
  }
  const invert = clear > 0.1 && light / seen > 225;
  for (let i = 0; i < data.length; i += 4) {
    const a = data[i + 3] / 255;
    const rgb = [data[i], data[i + 1], data[i + 2]];
    const high = Math.max(...rgb);
    const low = Math.min(...rgb);
    const grey = high - low <= HUED;
    for (let j = 0; j < 3; j++) data[i + j] = 255 + a * ((invert && grey ? 255 - rgb[j] : rgb[j]) - 255);
    data[i + 3] = 255;
  }
  return data;
};

// An image on white, its longer side SIDE pixels.
export const scaled = (source) => {
  const scale = SIDE / Math.max(source.width, source.height);
  const [width, height] = [source.width, source.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = Object.assign(newCanvas(0), { width, height });
  const g = canvas.getContext('2d', { willReadFrequently: true });
  g.drawImage(source, 0, 0, width, height);
  const image = g.getImageData(0, 0, width, height);
  onWhite(image.data);
  g.putImageData(image, 0, 0);
  return canvas;
};

// The same, centred on a square of paper.
const fitted = (source) => {
  const image = scaled(source);
  const canvas = newCanvas(SIDE);
  const g = canvas.getContext('2d', { willReadFrequently: true });
  g.fillStyle = subject().paper;
  g.fillRect(0, 0, SIDE, SIDE);
  g.drawImage(image, Math.floor((SIDE - image.width) / 2), Math.floor((SIDE - image.height) / 2));
  return canvas;
};

// An image as a step. Its greys become ink (black, as transparent as they are light) and its colours
// the colour layer: a scanned outline can be rubbed out and coloured under its lines like a drawn one. Labels stay
// together.
// `tones` is the share of pixels that are neither paper nor black: a photo has many. `blank`: nothing is to be seen.
export const imageStep = (source) => {
  const ink = fitted(source);
  const colour = newCanvas(SIDE);
  if (labels()) return { strokes: [], fresh: true, image: { ink, colour, tones: 0, blank: false } };
  const g = ink.getContext('2d');
  const lines = g.getImageData(0, 0, SIDE, SIDE);
  const hues = new ImageData(SIDE, SIDE);
  const a = lines.data;
  const b = hues.data;
  let tones = 0;
  let blank = true;
  for (let i = 0; i < a.length; i += 4) {
    const low = Math.min(a[i], a[i + 1], a[i + 2]);
    const high = Math.max(a[i], a[i + 1], a[i + 2]);
    if (low < 225 && high > 40) tones += 1 / (SIDE * SIDE);
    blank &&= low > 246;
    if (high - low > HUED) {
      b.set([a[i], a[i + 1], a[i + 2], 255], i);
      a[i + 3] = 0;
    } else a.set([0, 0, 0, 255 - Math.round((low + high) / 2)], i);
  }
  g.putImageData(lines, 0, 0);
  colour.getContext('2d').putImageData(hues, 0, 0);
  return { strokes: [], fresh: true, image: { ink, colour, tones, blank } };
};
