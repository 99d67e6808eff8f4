// Panels of a drawing: the closed one around a place, or the area of one colour, and its border as a stroke that fills it. A mask of cells is a
// Uint8Array of GRID x GRID zeros and ones.

import { kept } from './simplify.js';
import { SIDE } from './strokes.js';

export const GRID = 256; // cells a side
const GAPS = [0, 2, 4, 7]; // cells: half the width of a gap in a line that is taken for closed
const UNDER = 1; // cells that the colour goes on under the lines around

const cellsAround = (i, reach = 1) => {
  const x = i % GRID;
  const y = Math.floor(i / GRID);
  const cells = [];
  for (let b = Math.max(y - reach, 0); b <= Math.min(y + reach, GRID - 1); b++)
    for (let a = Math.max(x - reach, 0); a <= Math.min(x + reach, GRID - 1); a++) cells.push(b * GRID + a);
  return cells;
};

// `mask`, wider by `by` cells, where `may` (all cells, if left out) lets it.
const grown = (mask, by, may) => {
  let now = mask;
  for (let n = 0; n < by; n++) {
    const next = now.slice();
    now.forEach((there, i) => {
      if (there) for (const j of cellsAround(i)) if (!may || may[j]) next[j] = 1;
    });
    now = next;
  }
  return now;
};

// The cells that are connected with `start` and free; null if they reach the border where they should be `closed`.
const flooded = (free, start, closed = true) => {
  const mask = new Uint8Array(GRID * GRID);
  const flood = [start];
  while (flood.length) {
    const i = flood.pop();
    const x = i % GRID;
    if (mask[i] || !free[i]) continue;
    if (closed && (x === 0 || x === GRID - 1 || i < GRID || i >= GRID * (GRID - 1))) return null;
    mask[i] = 1;
    if (x > 0) flood.push(i - 1);
    if (x < GRID - 1) flood.push(i + 1);
    if (i >= GRID) flood.push(i - GRID);
    if (i < GRID * (GRID - 1)) flood.push(i + GRID);
  }
  return mask;
};

export const cellAt = ([x, y]) => {
  const at = (v) => Math.min(Math.max(Math.floor((v * GRID) / SIDE), 0), GRID - 1);
  return at(y) * GRID + at(x);
};

// The cells of the panel around a place of the drawing, where `lines` says which cells a line is in; null if it is open, even with its gaps closed.
export const panelAround = (lines, place) => {
  const blank = lines.map((line) => 1 - line);
  const tapped = cellAt(place);
  for (const gap of GAPS) {
    const free = grown(lines, gap).map((wall) => 1 - wall);
    const near = [tapped, ...cellsAround(tapped, gap + 3)]; // one may tap on the rim of a line
    const start = near.find((i) => free[i]);
    const mask = start === undefined ? null : flooded(free, start);
    if (mask)
      return grown(
        grown(mask, gap, blank),
        UNDER,
        lines.map((line, i) => line || mask[i]),
      );
  }
  return null;
};

// The cells of the area around a place that have the colour of that place; `colours` has one for each cell.
export const areaAround = (colours, place) => {
  const start = cellAt(place);
  return flooded(
    colours.map((colour) => (colour === colours[start] ? 1 : 0)),
    start,
    false,
  );
};

// The borders of a mask of cells, as closed lines [x, y, x, y, ...] in units of the drawing.
const bordersOf = (mask) => {
  const edges = new Map();
  const corner = (x, y) => y * (GRID + 1) + x;
  const edge = (from, to) => edges.set(from, [...(edges.get(from) ?? []), to]);
  mask.forEach((there, i) => {
    if (!there) return;
    const x = i % GRID;
    const y = Math.floor(i / GRID);
    if (!y || !mask[i - GRID]) edge(corner(x, y), corner(x + 1, y));
    if (x === GRID - 1 || !mask[i + 1]) edge(corner(x + 1, y), corner(x + 1, y + 1));
    if (y === GRID - 1 || !mask[i + GRID]) edge(corner(x + 1, y + 1), corner(x, y + 1));
    if (!x || !mask[i - 1]) edge(corner(x, y + 1), corner(x, y));
  });
  const borders = [];
  const unit = SIDE / GRID;
  for (const start of edges.keys()) {
    const line = [];
    for (let at = start; edges.get(at)?.length; at = edges.get(at).pop())
      line.push((at % (GRID + 1)) * unit, Math.floor(at / (GRID + 1)) * unit);
    if (line.length > 24) borders.push([...line, line[0], line[1]]); // smaller holes are specks
  }
  return borders;
};

// One line: the first border, then from its end to each of the others and back. What lies between is crossed twice,
// so that the rule of even and odd leaves it as it is.
const patch = (c, borders) => {
  const [outer, ...holes] = borders;
  return outer && { c, w: 1, m: 0, f: 1, p: [...outer, ...holes.flatMap((hole) => [...hole, outer[0], outer[1]])] };
};
export const filling = (c, mask) =>
  patch(
    c,
    bordersOf(mask).map((line) => kept(line, 1.2).flat()),
  );

// The same, as exact as a link allows: along the middles of the cells' sides a slanted border is straight, and cells are
// covered to their rims.
const SLACKS = [1.2, 2.4, 4.8];
export const exactFilling = (c, mask, most) => {
  const borders = bordersOf(mask).map((line) => {
    const middles = line.slice(2).map((v, i) => (v + line[i]) / 2);
    return [...middles, middles[0], middles[1]];
  });
  for (const slack of SLACKS) {
    const stroke = patch(
      c,
      borders.map((line) => kept(line, slack).flat()),
    );
    if (!stroke || stroke.p.length <= 2 * most) return stroke;
  }
};
