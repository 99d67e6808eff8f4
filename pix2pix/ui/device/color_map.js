// Where which colour is wanted, as imaging/color_map.py finds it; there stands how.

import { Heap } from './heap.js';

const COARSE = 2; // pixels: panels are found in blocks of this side
const SMALLEST_PANEL = 0.05; // of the picture: smaller ones take the colour of the next stroke
const OWN = 1; // label of all that no stroke reaches; strokes have larger ones
const OPAQUE = 128; // least alpha of a pixel that belongs to a stroke

export const isHint = (hints, i) => hints[4 * i + 3] >= OPAQUE;

// The four neighbours of a cell; -1 beyond the border.
const beside = (i, side) => [
  i >= side ? i - side : -1,
  i % side ? i - 1 : -1,
  (i + 1) % side ? i + 1 : -1,
  i < side * (side - 1) ? i + side : -1,
];

// (size * size) -> (side * side): the largest of each block.
const blocks = (values, size, side) => {
  const found = new Uint32Array(side * side);
  values.forEach((value, i) => {
    const block = Math.floor(i / size / COARSE) * side + Math.floor((i % size) / COARSE);
    if (value > found[block]) found[block] = value;
  });
  return found;
};

// Numbers the parts of cells that are `free` and lie side by side, from 1 on; 0 elsewhere.
const label = (free, side) => {
  const numbers = new Uint32Array(free.length);
  const sizes = [0];
  free.forEach((is, start) => {
    if (!is || numbers[start]) return;
    const part = [start];
    numbers[start] = sizes.length;
    for (let at = 0; at < part.length; at++)
      for (const j of beside(part[at], side)) {
        if (j < 0 || numbers[j] || !free[j]) continue;
        numbers[j] = sizes.length;
        part.push(j);
      }
    sizes.push(part.length);
  });
  return { numbers, sizes };
};

const grown = (cells, side) => cells.map((is, i) => (is || beside(i, side).some((j) => j >= 0 && cells[j]) ? 1 : 0));

// The cells that strokes in small panels reach through gaps in `lines`, without the paper around the object.
const throughGaps = (lines, { numbers, large }, marked, side) => {
  const around = new Set(numbers.filter((_, i) => beside(i, side).includes(-1)));
  const paper = grown(
    numbers.map((panel) => (panel && around.has(panel) ? 1 : 0)),
    side,
  );
  const parts = label(
    lines.map((line, i) => (line || paper[i] ? 0 : 1)),
    side,
  ).numbers;
  const partsOf = (size) => new Set(marked.filter((i) => large[numbers[i]] === size).map((i) => parts[i]));
  const [small, big] = [partsOf(false), partsOf(true)];
  return parts.map((part) => (part && small.has(part) && !big.has(part) ? 1 : 0));
};

// Opens the walls that strokes pass, and gives cells that no stroke is in their own colour, where they are a large
// panel that is closed by walls.
const keepPanels = (marks, line, walls, side) => {
  const { numbers, sizes } = label(
    walls.map((wall) => (wall ? 0 : 1)),
    side,
  );
  const large = sizes.map((size) => size >= SMALLEST_PANEL * walls.length);
  const marked = [...marks.keys()].filter((i) => marks[i]);
  const met = new Set(marked.map((i) => numbers[i]));
  throughGaps(line, { numbers, large }, marked, side).forEach((open, i) => {
    if (!open) return;
    walls[i] = 0;
    met.add(numbers[i]);
  });
  numbers.forEach((number, i) => {
    if (large[number] && !met.has(number)) marks[i] = OWN;
  });
};

// A watershed (scikit-image's) over two heights: marks spread at even speed, over the walls last.
const flood = (marks, walls, side) => {
  const heap = new Heap();
  const ages = 5 * marks.length; // more than there are
  marks.forEach((mark, i) => {
    if (mark) heap.push(walls[i] * ages, i);
  });
  for (let age = 1; heap.size; ) {
    const [key, i] = heap.pop();
    const height = key < ages ? 0 : 1;
    for (const j of beside(i, side)) {
      if (j < 0 || marks[j]) continue;
      marks[j] = marks[i];
      heap.push(Math.max(height, walls[j]) * ages + age++, j);
    }
  }
};

// `lines` (size * size, 0 or 1) and `seeds` (0: no stroke, else the stroke's number, 2 or more) -> the number of the
// stroke that colours each pixel, or OWN.
const regions = (lines, seeds, size) => {
  const side = Math.ceil(size / COARSE);
  const line = blocks(lines, size, side);
  const marks = blocks(seeds, size, side);
  const walls = grown(line, side);
  keepPanels(marks, line, walls, side);
  flood(marks, walls, side);
  return seeds.map((_, i) => marks[Math.floor(i / size / COARSE) * side + Math.floor((i % size) / COARSE)]);
};

// The strokes' pixels without their rims, which may be mixed with the paper's white; thin strokes have nothing else. Null
// where there is none.
const cores = (hints, size) => {
  const there = new Uint8Array(size * size);
  for (let i = 0; i < there.length; i++) there[i] = isHint(hints, i) ? 1 : 0;
  if (!there.includes(1)) return null;
  const core = there.map((it, i) => (it && beside(i, size).every((j) => j >= 0 && there[j]) ? 1 : 0));
  return core.some(Boolean) ? core : there;
};

// The colour wanted at every pixel: (3 * size * size), in [-1, 1].
//   lines: (size * size), 0 or 1; hints: RGBA pixels, strokes of colour; own: three numbers in [-1, 1]
export const colorMap = (lines, hints, own, size) => {
  const map = new Float32Array(3 * size * size);
  const core = cores(hints, size);
  if (!core) {
    for (let c = 0; c < 3; c++) map.fill(own[c], c * size * size, (c + 1) * size * size);
    return map;
  }
  const colorAt = (i) => (hints[4 * i] << 16) | (hints[4 * i + 1] << 8) | hints[4 * i + 2];
  const found = new Set();
  core.forEach((there, i) => {
    if (there) found.add(colorAt(i));
  });
  const colors = [...found].sort((a, b) => a - b);
  const labels = new Map(colors.map((color, k) => [color, k + OWN + 1]));
  const seeds = new Uint32Array(size * size);
  core.forEach((there, i) => {
    if (there) seeds[i] = labels.get(colorAt(i));
  });
  const table = [own, own, ...colors.map((color) => [16, 8, 0].map((bits) => ((color >> bits) & 255) / 127.5 - 1))];
  const labelled = regions(lines, seeds, size);
  for (let c = 0; c < 3; c++) for (let i = 0; i < size * size; i++) map[c * size * size + i] = table[labelled[i]][c];
  return map;
};
