// The pens of colour, any other colour, and what takes the place of the pen: filling, and taking a colour from the
// drawing or the picture.

import { t } from '../texts.js';
import { canvas, kind, picture, small, tools } from './easel.js';
import { fillAt } from './fill.js';
import { $ } from './host.js';
import { say } from './messages.js';
import { hexOf, MORE, named, PALETTE } from './palette.js';
import { newCanvas } from './paper.js';
import { SIDE } from './strokes.js';
import { ACTIONS, roving, showTool, swatch, take } from './toolbar.js';
import { closeVersions } from './versions.js';
import { point } from './viewport.js';

// In this order on the page. Networks that learnt hints in the drawing itself know those of PALETTE alone.
const SHADES = 'black grey white cream beige tan brown navy red orange yellow green teal blue purple pink'.split(' ');
const shades = $('.shades');
const anyColour = $('.any input');
shades.replaceChildren(
  ...SHADES.map((name) => {
    const button = swatch(PALETTE[name] ? name : MORE[name], t('colour_pen', { name: t(`word_${name}`) }));
    button.classList.toggle('more', !PALETTE[name]);
    return button;
  }),
);
roving(shades)();

const useInstead = (name) => {
  const wanted = tools.instead === name ? null : name;
  if (wanted && kind() !== 'hint') take(tools.hue);
  tools.instead = wanted;
  showTool();
  if (wanted) say(t(`${wanted}_first`));
};
Object.assign(ACTIONS, { fill: () => useInstead('fill'), pick: () => useInstead('pick') });

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
    if (alpha > 128) return i ? hexOf([r, green, b]) : 'ink';
  }
  return null;
};
const pickAt = (c) => {
  if (!c) return say(t('pick_nothing'));
  take(named(c));
  say(t('picked', { name: c === 'ink' ? t('colour_ink') : c }));
};
$('.frame').addEventListener('pointerdown', (event) => {
  if (tools.instead !== 'pick' || picture.hidden || event.target.closest('button')) return;
  event.preventDefault();
  const box = picture.getBoundingClientRect();
  const unit = SIDE / box.width;
  pickAt(pictureAt([(event.clientX - box.left) * unit, (event.clientY - box.top) * unit]));
});

// The pen touches the paper: whether that means something else than a stroke.
export const tapped = (place) => {
  const what = tools.instead;
  if (what) closeVersions();
  if (what === 'fill') fillAt(place);
  if (what === 'pick') pickAt(paperAt(place) ?? pictureAt(place));
  return Boolean(what);
};
// A finger may be the first of two: it acts when it is lifted.
let tap = null;
export const actsInstead = (event) => {
  if (!tools.instead) return false;
  if (event.pointerType === 'touch') tap = point(event);
  else tapped(point(event));
  return true;
};
canvas.addEventListener('pointerup', () => {
  if (tap) tapped(tap);
  tap = null;
});
export const forgetTap = () => (tap = null);
canvas.addEventListener('pointercancel', forgetTap);
