// What an exported network reads of a drawing, as pipelines/pix2pix.py prepares it and export.py takes it.

import { colorMap, isHint } from './color_map.js';
import { snapped } from './labels.js';
import { isColored, redrawn } from './redraw_lines.js';

const DARK = 128; // lightness below which a pixel belongs to a line

// Moves coloured ink of `image` to the strokes of colour that `hints` lie on; returns these.
const takeApart = (image, hints) => {
  const strokes = new Uint8ClampedArray(image.length);
  for (let i = 0; i < image.length; i += 4) {
    if (isColored(image, i)) {
      strokes.set([image[i], image[i + 1], image[i + 2], 255], i);
      image.fill(255, i, i + 3);
    }
    if (hints && isHint(hints, i / 4)) strokes.set(hints.subarray(i, i + 4), i);
  }
  return strokes;
};

// Puts the strokes of colour under the lines of `image`.
const putUnder = (image, strokes) => {
  for (let i = 0; i < image.length; i += 4)
    if (isHint(strokes, i / 4)) for (let j = i; j < i + 3; j++) image[j] = Math.min(image[j], strokes[j]);
};

// (channels * size * size) in [-1, 1]; one channel is grey, weighted as ITU-R 601 has it.
const planesOf = (image, size, channels) => {
  const planes = new Float32Array(channels * size * size);
  const grey = channels === 1;
  for (let i = 0; i < size * size; i++) {
    const [r, g, b] = [image[4 * i], image[4 * i + 1], image[4 * i + 2]];
    planes[i] = (grey ? (19595 * r + 38470 * g + 7471 * b + 32768) >> 16 : r) / 127.5 - 1;
    if (grey) continue;
    planes[size * size + i] = g / 127.5 - 1;
    planes[2 * size * size + i] = b / 127.5 - 1;
  }
  return planes;
};

// {name of the input: {data, dims}}.
//   drawing: RGBA pixels, opaque, `model.size` square; hints: likewise strokes of colour on nothing, or null, as for labels
//   style: 16 numbers for a network that is told a style, else null
//   model: {size, channels, line_width: 0 where lines stay as they are, labels: their colours, or null where it reads lines}
export const inputsOf = (drawing, hints, style, { size, channels, line_width, labels }) => {
  const prepared = () => (line_width ? redrawn(drawing, size, line_width) : drawing.slice());
  const image = labels ? snapped(drawing, size, labels) : prepared();
  const strokes = style || hints ? takeApart(image, hints) : null;
  if (strokes && !style) putUnder(image, strokes);
  const inputs = { sketch: { data: planesOf(image, size, channels), dims: [1, channels, size, size] } };
  if (!style) return inputs;
  const lines = new Uint8Array(size * size);
  for (let i = 0; i < lines.length; i++)
    lines[i] = Math.min(image[4 * i], image[4 * i + 1], image[4 * i + 2]) < DARK ? 1 : 0;
  const colors = colorMap(lines, strokes, style.slice(0, 3), size);
  inputs.style = { data: Float32Array.from(style), dims: [1, style.length] };
  inputs.colors = { data: colors, dims: [1, 3, size, size] };
  return inputs;
};

// The lines alone of a drawing of any `size`, for the network that enlarges pictures: {data, dims}.
export const linesOf = (drawing, size, { line_width }) => {
  const image = line_width ? redrawn(drawing, size, line_width) : drawing.slice();
  takeApart(image, null);
  const data = new Float32Array(size * size);
  for (let i = 0; i < data.length; i++)
    data[i] = Math.min(image[4 * i], image[4 * i + 1], image[4 * i + 2]) / 127.5 - 1;
  return { data, dims: [1, 1, size, size] };
};

// What the network painted, (1 or 3 channels * size * size) in [-1, 1] -> RGBA pixels.
export const pixelsFrom = (picture, size) => {
  const pixels = new Uint8ClampedArray(4 * size * size).fill(255);
  const channels = picture.length / (size * size);
  for (let i = 0; i < size * size; i++)
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = (picture[(channels === 1 ? 0 : c) * size * size + i] + 1) * 127.5;
  return pixels;
};
