// Styles as the page offers them: a row of swatches that show the drawing in each, a style by chance, that of a photo.

import { t } from '../texts.js';
import { paintsHere, sampleHere } from './device.js';
import { drawing, on, proof, small } from './easel.js';
import { drawn, edition, inkOf } from './encode.js';
import { commit, liftPen } from './history.js';
import { $, props, server } from './host.js';
import { asked, hush, say } from './messages.js';
import { newCanvas, newPaper } from './paper.js';
import { painter } from './picture.js';
import { sampleStrokes } from './samples.js';
import { nameOf, others, same, styleNow } from './style.js';
import { ACTIONS, roving } from './toolbar.js';
import { closeVersions } from './versions.js';

// The drawing goes on in another style. One choice after another is one step.
export const wear = (style) => {
  if (same(style, styleNow())) return;
  liftPen();
  const last = drawing.steps.at(-1);
  if (!last) drawing.firstStyle = style;
  else if (last.fresh || last.image || last.strokes.length) drawing.steps.push({ strokes: [], style });
  else last.style = style;
  drawing.undone = [];
  hush();
  closeVersions();
  painter.overtake();
  commit();
  say(t('style_now', { name: nameOf(style) }));
};

// --- The row of swatches ---

const row = $('.styles .row');
const homeOfStyles = roving(row);
let tiles = []; // {style, button, img, of: the edition of the drawing that it shows, seen: whether it is in sight}
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) tiles.find(({ button }) => button === target).seen = isIntersecting;
  rest();
});

// A wheel that turns one way moves the row, until its end.
row.addEventListener(
  'wheel',
  (event) => {
    const before = row.scrollLeft;
    if (event.deltaX || event.ctrlKey) return;
    row.scrollLeft += event.deltaY;
    if (row.scrollLeft !== before) event.preventDefault();
  },
  { passive: false },
);

const newTile = (style) => {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'tile' });
  const img = Object.assign(new Image(), { alt: '', draggable: false, hidden: true });
  const tile = { style, button, img, of: 0, seen: false };
  button.title = nameOf(style);
  button.setAttribute('aria-label', button.title);
  button.append(img);
  button.addEventListener('click', () => wear(tile.style));
  watcher.observe(button);
  return tile;
};

// For another model.
export const buildStyles = () => {
  const count = props.model_styles.length;
  if (count) drawing.firstStyle ??= Math.floor(Math.random() * count);
  watcher.disconnect();
  tiles = props.model_styles.map((_, i) => newTile(i));
  row.replaceChildren(...tiles.map(({ button }) => button));
  showStyle();
  rest();
};

let shownStyle = null;
const showStyle = () => {
  const style = styleNow();
  if (!tiles.length) return;
  if (Array.isArray(style) && !tiles.some((tile) => same(tile.style, style))) {
    if (Array.isArray(tiles[0].style)) {
      watcher.unobserve(tiles[0].button);
      tiles.shift().button.remove();
    }
    tiles.unshift(newTile(style));
    row.prepend(tiles[0].button);
  }
  for (const tile of tiles) tile.button.setAttribute('aria-pressed', same(tile.style, style));
  if (same(style, shownStyle)) return;
  shownStyle = style;
  homeOfStyles();
  const { offsetLeft, offsetWidth } = tiles.find((tile) => same(tile.style, style))?.button ?? row;
  row.scrollTo({ left: offsetLeft - (row.clientWidth - offsetWidth) / 2 });
};

// They are painted when the pen rests, a few at a time, those in sight alone. The server lets frames go first, and
// then answers with fewer than were asked for.
const REST = 600;
const AT_ONCE = 4;
const LONGEST_PAUSE = 4000;
const MOST_VAIN = 12;
let napping = 0;
let rested = false;
let painting = false;

export const disturb = () => {
  rested = false;
  clearTimeout(napping);
};
const rest = () => {
  disturb();
  napping = setTimeout(() => {
    rested = true;
    paintTiles();
  }, REST);
};

// Before anyone has drawn, the first example stands in.
const sketch = () => {
  if (drawing.inked) return [small, proof];
  const paper = newPaper(props.model_size);
  paper.draw([{ strokes: sampleStrokes() }]);
  return [paper, newCanvas(props.model_size)];
};
const sample = (styles) => {
  const [paper, canvas] = sketch();
  if (paintsHere) return sampleHere(paper, canvas, styles);
  const payload = drawing.inked ? drawn() : { image: inkOf(paper, canvas), hints: null };
  return server.sample({ ...payload, styles, model: props.model_name });
};

const paintTiles = async () => {
  if (painting) return;
  painting = true;
  for (let pause = REST, vain = 0; vain < MOST_VAIN; ) {
    const few = tiles.filter((tile) => tile.seen && tile.of !== edition).slice(0, AT_ONCE);
    const of = edition;
    if (!rested || drawing.stroke || !few.length) break;
    const { imgs = [] } = (await Promise.resolve(sample(few.map(({ style }) => style))).catch(() => null)) ?? {};
    for (const [i, src] of imgs.entries()) {
      Object.assign(few[i].img, { src, hidden: false });
      if (of === edition) few[i].of = of;
    }
    if (imgs.length) {
      pause = REST;
      vain = 0;
      continue;
    }
    vain++;
    pause = Math.min(2 * pause, LONGEST_PAUSE);
    await new Promise((go) => setTimeout(go, pause));
  }
  painting = false;
};

// --- A style by chance, or that of a photo ---

Object.assign(ACTIONS, { another: () => others().length && wear(others()[0]) });

export const likePhoto = async (image) => {
  say(t('style_looking'), true);
  const answer = await asked(server.like({ image: image.toDataURL(), model: props.model_name }));
  if (answer) wear(answer.style);
};

on('tidy', showStyle);
on('commit', rest);
