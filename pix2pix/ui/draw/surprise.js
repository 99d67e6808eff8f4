// Surprise me: the drawing in four styles, or where there are none with random colour hints inside its lines.

import { t } from '../texts.js';
import { drawing, small } from './easel.js';
import { drawn, huesOf, inkOf } from './encode.js';
import { add } from './history.js';
import { $, props, server } from './host.js';
import { asked, say } from './messages.js';
import { NAMES } from './palette.js';
import { newCanvas, newPaper } from './paper.js';
import { SIDE, seen } from './strokes.js';
import { nameOf, others, shuffled } from './style.js';
import { wear } from './styles.js';
import { ACTIONS } from './toolbar.js';
import { closeVersions, openVersions } from './versions.js';

// The drawing as one step that starts afresh, without its hints: beside them those of a surprise would hardly show.
const plain = () => {
  const now = seen(drawing.steps);
  const image = now[0]?.image && { ...now[0].image, colour: newCanvas(SIDE), packed: undefined };
  const strokes = now.flatMap((step) => step.strokes).filter(({ c }) => c === 'ink' || c === 'erase');
  return { strokes, fresh: true, image };
};

// The places inside the outline, which a flood from the border does not reach; not those between handle and bag.
// Where nothing is closed, the box around the ink.
const S = 96; // cells a side
const beside = (i) =>
  [i % S > 0 && i - 1, i % S < S - 1 && i + 1, i >= S && i - S, i < S * (S - 1) && i + S].filter(Number.isInteger);
// Cells that are connected with those of `flood`; takes them out of `free`.
const region = (free, flood) => {
  const found = [];
  while (flood.length) {
    const i = flood.pop();
    if (!free[i]) continue;
    free[i] = false;
    found.push(i);
    flood.push(...beside(i));
  }
  return found;
};
const inside = () => {
  const paper = newPaper(S); // drawn anew at this size: a line shrunk from a picture has gaps
  paper.draw([plain()]);
  const { data } = paper.print(newCanvas(S)).getContext('2d').getImageData(0, 0, S, S);
  const free = Array.from({ length: S * S }, (_, i) => data[4 * i + 1] > 225);
  const inkAt = free.flatMap((isFree, i) => (isFree ? [] : [i]));
  const xs = inkAt.map((i) => i % S);
  const ys = inkAt.map((i) => Math.floor(i / S));
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  region(free, Array.from({ length: S }, (_, i) => [i, i * S, i * S + S - 1, (S - 1) * S + i]).flat());
  const regions = [];
  for (let i = free.indexOf(true); i >= 0; i = free.indexOf(true)) regions.push(region(free, [i]));
  const body = regions.filter((cells) => Math.max(...cells) / S > y0 + 0.45 * (y1 - y0));
  let cells = (body.length ? body : regions).flat();
  if (cells.length < 90) {
    cells = [];
    for (let y = y0 + 1; y < y1; y++) for (let x = x0 + 1; x < x1; x++) cells.push(y * S + x);
  }
  const there = new Set(cells);
  const unit = SIDE / S;
  return {
    has: (x, y) => there.has(Math.floor(y / unit) * S + Math.floor(x / unit)),
    random() {
      const i = cells[Math.floor(Math.random() * cells.length)] ?? (S * S + S) / 2;
      return [((i % S) + 0.5) * unit, (Math.floor(i / S) + 0.5) * unit];
    },
  };
};

// Zigzags as a person scribbles them, each at the roomiest of some random places, apart from the others
// and kept inside, by half the width of the pen.
const scribbles = (area, colours) => {
  const W = 80;
  const H = 56;
  const WIDTH = 20;
  const taken = [];
  const grid = [-1, -0.5, 0, 0.5, 1].flatMap((a) => [-1, -0.5, 0, 0.5, 1].map((b) => [(a * W) / 2, (b * H) / 2]));
  const fits = (x, y) => [-WIDTH / 2, WIDTH / 2].every((d) => area.has(x + d, y) && area.has(x, y + d));
  const room = ([x, y]) =>
    grid.filter(([dx, dy]) => fits(x + dx, y + dy)).length +
    Math.min(30, ...taken.map(([tx, ty]) => Math.hypot(x - tx, y - ty) / 5));
  return colours.map((c) => {
    const places = Array.from({ length: 40 }, area.random).map((at) => [room(at), at]);
    const [, [x, y]] = places.reduce((best, next) => (next[0] > best[0] ? next : best));
    taken.push([x, y]);
    const zigzag = Array.from({ length: 7 }, (_, i) => [x - W / 2 + (i * W) / 6, y + (i % 2 ? H : -H) / 2]);
    const p = zigzag.filter(([px, py]) => fits(px, py)).flatMap(([px, py]) => [px, py, px, py]); // sharp turns
    return { c, w: WIDTH, m: 0, p: p.length ? p : [x, y] };
  });
};

// Four of them, as {payload: what the server paints, pick: what makes it the drawing's}.
const inColours = () => {
  const area = inside();
  const trial = newPaper(small.pixels);
  const sheetOf = newCanvas(small.pixels);
  const base = plain();
  const hues = shuffled(NAMES.filter((name) => name !== 'ink'));
  return hues.slice(0, 4).map((hue, i) => {
    const strokes = scribbles(area, [hue, i % 2 ? hues[4 + (i >> 1)] : hue]);
    trial.draw([base, { strokes }]);
    const payload = { image: inkOf(trial, sheetOf), hints: huesOf(trial) };
    return { payload, pick: () => add({ ...base, strokes: [...base.strokes, ...strokes] }) };
  });
};
const inStyles = () =>
  others()
    .slice(0, 4)
    .map((style) => ({ payload: { ...drawn(), style }, name: nameOf(style), pick: () => wear(style) }));

const surprise = async () => {
  if (!drawing.inked) return say(t('surprise_first'));
  const versions = $('.versions');
  const buttons = (props.model_styles.length > 1 ? inStyles() : inColours()).map(({ payload, name, pick }, i) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', disabled: true });
    button.title = name ?? t('surprise_pick');
    button.setAttribute('aria-label', `${t('surprise_pick')}: ${name ?? i + 1}`);
    button.addEventListener('click', pick);
    return { button, payload };
  });
  const close = Object.assign(document.createElement('button'), { type: 'button', className: 'icon close' });
  close.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>';
  close.title = t('surprise_close');
  close.setAttribute('aria-label', close.title);
  close.addEventListener('click', closeVersions);
  openVersions(...buttons.map(({ button }) => button), close);
  for (const { button, payload } of buttons) {
    const answer = await asked(server.paint({ ...payload, model: props.model_name }));
    if (versions.hidden || !button.isConnected) return; // the pen went on
    if (!answer) return closeVersions();
    button.append(Object.assign(new Image(), { src: answer.img, alt: '' }));
    button.disabled = false;
  }
  versions.querySelector('button').focus({ preventScroll: true });
};
Object.assign(ACTIONS, { surprise });
