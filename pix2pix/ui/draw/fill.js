// Fills the closed panel around a place with colour, as one stroke: a polygon that ends under the lines around it. Of
// labels it fills the area that has one colour, up to the border of another.

import { t } from '../texts.js';
import { drawing, tools } from './easel.js';
import { add } from './history.js';
import { LONGEST_STROKE } from './links.js';
import { say } from './messages.js';
import { areaAround, cellAt, exactFilling, filling, GRID, panelAround } from './panels.js';
import { newCanvas, newPaper, pixelsOf } from './paper.js';
import { SIDE } from './strokes.js';
import { labelColours, labels, nearest } from './subject.js';

const numberOf = (hex) => parseInt(hex.slice(1), 16);

// The cells that a line is in.
const inkedCells = (steps) => {
  const paper = newPaper(GRID);
  paper.draw(steps);
  const ink = pixelsOf(paper.layers[0]);
  return Uint8Array.from({ length: GRID * GRID }, (_, i) => (ink[4 * i + 3] > 96 ? 1 : 0));
};

const panelsAt = (places) => {
  const lines = inkedCells(drawing.steps);
  const panels = places.map((at) => panelAround(lines, at)).filter(Boolean);
  return panels.map((mask) => filling(tools.taken, mask));
};

// The colour of every cell, as a number. Those of an opened image are mixed along its edges.
const labelCells = (steps) => {
  const paper = newPaper(GRID);
  paper.draw(steps);
  const data = pixelsOf(paper.print(newCanvas(GRID)).getContext('2d'));
  const colours = labelColours();
  const known = new Map(colours.map((hex) => [numberOf(hex), numberOf(hex)]));
  return Uint32Array.from({ length: GRID * GRID }, (_, i) => {
    const rgb = data.subarray(4 * i, 4 * i + 3);
    const number = (rgb[0] << 16) | (rgb[1] << 8) | rgb[2];
    if (!known.has(number)) known.set(number, numberOf(nearest(colours, rgb)));
    return known.get(number);
  });
};
const areasAt = (places) => {
  const cells = labelCells(drawing.steps);
  const areas = [];
  for (const place of places) {
    const cell = cellAt(place);
    if (cells[cell] === numberOf(tools.taken) || areas.some((area) => area[cell])) continue;
    areas.push(areaAround(cells, place));
  }
  return areas.map((mask) => exactFilling(tools.taken, mask, LONGEST_STROKE));
};

export const fillAt = (place) => {
  const places = tools.mirror ? [place, [SIDE - place[0], place[1]]] : [place];
  const found = labels() ? areasAt(places) : panelsAt(places);
  if (!found.length) return say(t(labels() ? 'fill_same' : 'fill_open'));
  const strokes = found.filter(Boolean); // a speck has no border, and that of a ragged area may be too long
  if (!strokes.length) return say(t('fill_ragged'));
  add({ strokes });
  say(t('filled'));
};
