// The pens of colour, any other colour, and what takes the place of the pen: filling, and taking a colour from the
// drawing or the picture.

import { inWords, t } from '../texts.js';
import { canvas, kind, picture, small, tools } from './easel.js';
import { fillAt } from './fill.js';
import { $ } from './host.js';
import { say } from './messages.js';
import { hexOf, MORE, named, PALETTE } from './palette.js';
import { newCanvas } from './paper.js';
import { addCorner, aim } from './polygon.js';
import { SIDE } from './strokes.js';
import { labelColours, labels, nearest, subject } from './subject.js';
import { ACTIONS, roving, swatch, take, useInstead } from './toolbar.js';
import { closeVersions } from './versions.js';
import { point } from './viewport.js';

// In this order on the page. Networks that learnt hints in the drawing itself know those of PALETTE alone.
const SHADES = 'black grey white cream beige tan brown navy red orange yellow green teal blue purple pink'.split(' ');
const shades = $('.shades');
const anyColour = $('.any input');
const shadeOf = (name) => {
  const button = swatch(PALETTE[name] ? name : MORE[name], t('colour_pen', { name: t(`word_${name}`) }));
  button.classList.toggle('more', !PALETTE[name]);
  return button;
};
// Labels say what they mean.
const penFor = ({ name, color }) => {
  const button = swatch(color, t('colour_pen', { name: inWords(name) }));
  if (labels()) button.append(Object.assign(document.createElement('span'), { textContent: inWords(name) }));
  return button;
};
const homeOfShades = roving(shades);
// For another model.
export const buildShades = () => {
  const { palette } = subject();
  shades.replaceChildren(...(palette.length ? palette.map(penFor) : SHADES.map(shadeOf)));
  homeOfShades();
};

const insteadOfColour = (name) => {
  if (tools.instead !== name && kind() !== 'hint') take(labels() ? tools.ink : tools.hue);
  useInstead(name);
};
Object.assign(ACTIONS, { fill: () => insteadOfColour('fill'), pick: () => insteadOfColour('pick') });

anyColour.addEventListener('input', () => take(anyColour.value));

// --- The eyedropper ---

// The mean of 3 x 3 pixels of the picture at a place of the drawing: texture has stray ones.
const pictureAt = ([x, y]) => {
  if (picture.hidden) return null;
  const side = picture.naturalWidth;
  const g = newCanvas(side).getContext('2d');
  g.drawImage(picture, 0, 0);
  const at = (v) => Math.min(Math.max(Math.round((v * side) / SIDE) - 1, 0), side - 3);
  const { data } = g.getImageData(at(x), at(y), 3, 3);
  return hexOf([0, 1, 2].map((i) => data.filter((_, j) => j % 4 === i).reduce((a, b) => a + b) / 9));
};
// What the paper shows there: a line, a colour, or nothing; then it is the picture's that is meant.
const paperAt = ([x, y]) => {
  const unit = small.pixels / SIDE;
  for (const [i, g] of small.layers.entries()) {
    const [r, green, b, alpha] = g.getImageData(Math.floor(x * unit), Math.floor(y * unit), 1, 1).data;
    if (alpha > 128) return labels() ? nearest(labelColours(), [r, green, b]) : i ? hexOf([r, green, b]) : 'ink';
  }
  return labels() ? subject().paper : null;
};
const nameOf = (c) => {
  const pen = subject().palette.find(({ color }) => color === c);
  return pen ? inWords(pen.name) : c === 'ink' ? t('colour_ink') : c === 'erase' ? t('eraser') : c;
};
const pickAt = (found) => {
  if (!found) return say(t('pick_nothing'));
  // the paper may have a colour that no pen has
  const c = labels() && !subject().palette.some(({ color }) => color === found) ? 'erase' : named(found);
  take(c);
  say(t('picked', { name: nameOf(c) }));
};
$('.frame').addEventListener('pointerdown', (event) => {
  if (tools.instead !== 'pick' || picture.hidden || event.target.closest('button')) return;
  event.preventDefault();
  const box = picture.getBoundingClientRect();
  const unit = SIDE / box.width;
  const place = [(event.clientX - box.left) * unit, (event.clientY - box.top) * unit];
  pickAt(labels() ? paperAt(place) : pictureAt(place)); // a picture's colours are no labels
});

const TAPS = {
  fill: fillAt,
  pick: (place) => pickAt(paperAt(place) ?? pictureAt(place)),
  polygon: addCorner,
};
// The pen touches the paper: whether that means something else than a stroke.
export const tapped = (place) => {
  const act = TAPS[tools.instead];
  if (!act) return false;
  closeVersions();
  act(place);
  return true;
};
// A finger may be the first of two: it acts when it is lifted.
let tap = null;
export const actsInstead = (event) => {
  if (!TAPS[tools.instead]) return false;
  if (event.pointerType === 'touch') tap = point(event);
  else tapped(point(event));
  return true;
};
canvas.addEventListener('pointerup', () => {
  if (tap) tapped(tap);
  tap = null;
});
export const forgetTap = () => (tap = null);
canvas.addEventListener('pointermove', (event) => event.pointerType !== 'touch' && aim(point(event)));
canvas.addEventListener('pointercancel', forgetTap);
