// Fills the closed panel around a place with colour, as one stroke: a polygon that ends under the lines around it.

import { t } from '../texts.js';
import { drawing, tools } from './easel.js';
import { add } from './history.js';
import { say } from './messages.js';
import { filling, GRID, panelAround } from './panels.js';
import { newPaper, pixelsOf } from './paper.js';
import { SIDE } from './strokes.js';

// The cells that a line is in.
const inkedCells = (steps) => {
  const paper = newPaper(GRID);
  paper.draw(steps);
  const ink = pixelsOf(paper.layers[0]);
  return Uint8Array.from({ length: GRID * GRID }, (_, i) => (ink[4 * i + 3] > 96 ? 1 : 0));
};

export const fillAt = (place) => {
  const places = tools.mirror ? [place, [SIDE - place[0], place[1]]] : [place];
  const lines = inkedCells(drawing.steps);
  const panels = places.map((at) => panelAround(lines, at)).filter(Boolean);
  const strokes = panels.map((mask) => filling(tools.taken, mask)).filter(Boolean);
  if (!strokes.length) return say(t('fill_open'));
  add({ strokes });
  say(t('filled'));
};
