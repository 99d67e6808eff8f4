// How drawings are put on paper.

import { colourOf } from './palette.js';
import { ribbonOf, widest } from './ribbons.js';
import { SIDE, seen } from './strokes.js';
import { channels, labels, subject } from './subject.js';
import { clamp, WHOLE } from './view.js';

const RECENT = 20; // steps

// The line of a stroke, bent from middle to middle of its points, so that fast strokes have no corners.
const lineOf = ({ p, m }) => {
  const line = new Path2D();
  for (const flip of m ? [(x) => x, (x) => SIDE - x] : [(x) => x]) {
    line.moveTo(flip(p[0]), p[1]);
    for (let i = 2; i < p.length; i += 2) {
      const [px, py, x, y] = p.slice(i - 2, i + 2);
      line.quadraticCurveTo(flip(px), py, flip((px + x) / 2), (py + y) / 2);
    }
    line.lineTo(flip(p.at(-2)) + 0.01, p.at(-1)); // a line of no length draws no dot
  }
  return line;
};
// A patch and its mirror image are two paths: in one, the rule of even and odd would empty what both cover.
const patchesOf = ({ p, m }) => {
  const patch = (points) => new Path2D(`M${points.join(' ')}Z`);
  return m ? [patch(p), patch(p.map((v, i) => (i % 2 ? v : SIDE - v)))] : [patch(p)];
};

const trace = (g, stroke) => {
  g.strokeStyle = g.fillStyle = colourOf(stroke.c);
  g.lineWidth = stroke.w;
  if (stroke.f) for (const path of patchesOf(stroke)) g.fill(path, 'evenodd');
  else if (stroke.r) for (const path of ribbonOf(stroke)) g.fill(path);
  else g.stroke(lineOf(stroke));
};

// RGBA pixels of a stroke -> its colour where it covers half of a pixel or more, else nothing.
export const harden = (data, [r, g, b]) => {
  for (let i = 0; i < data.length; i += 4) {
    const there = data[i + 3] > 127;
    data[i] = there ? r : 0;
    data[i + 1] = there ? g : 0;
    data[i + 2] = there ? b : 0;
    data[i + 3] = there ? 255 : 0;
  }
};

// Two transparent layers: ink above colours, as the hints were drawn in training, so that a
// scribble of colour never hides a line.
export class Paper {
  constructor(ink, colour, willReadFrequently = false) {
    this.layers = [ink, colour].map((canvas) => canvas.getContext('2d', { willReadFrequently }));
    this.view = WHOLE;
    this.read = willReadFrequently; // by networks: labels have hard edges on it, while a screen has soft ones
    this.settled = []; // the steps on `past`
    this.twin = () => new Paper(newCanvas(1), newCanvas(1), willReadFrequently);
  }

  get pixels() {
    return this.layers[0].canvas.width;
  }

  // Pixels a unit of the drawing.
  get unit() {
    return (this.pixels / SIDE) * this.view.z;
  }

  resize(pixels, view = this.view) {
    this.view = view;
    for (const g of this.layers) {
      g.canvas.width = g.canvas.height = pixels; // resets the context too
      this.aim(g);
      g.lineCap = g.lineJoin = 'round';
    }
  }

  // From here on `g` takes units of the drawing.
  aim(g) {
    g.setTransform(this.unit, 0, 0, this.unit, -this.unit * this.view.x, -this.unit * this.view.y);
  }

  wipe() {
    for (const g of this.layers) g.clearRect(0, 0, SIDE, SIDE);
  }

  copy(paper) {
    if (this.pixels !== paper.pixels || this.view !== paper.view) this.resize(paper.pixels, paper.view);
    this.wipe();
    this.layers.forEach((g, i) => {
      g.save();
      g.resetTransform(); // pixel for pixel
      g.drawImage(paper.layers[i].canvas, 0, 0);
      g.restore();
    });
  }

  // Few paths a stroke: the rims of pieces would add up to beads where they overlap.
  stroke(stroke) {
    const [ink, colour] = this.layers;
    const erase = stroke.c === 'erase';
    const on = labels() || stroke.c === 'ink' ? [ink] : erase ? [ink, colour] : [colour];
    for (const g of on) {
      g.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
      if (this.read && labels()) this.stamp(g, stroke);
      else trace(g, stroke);
      g.globalCompositeOperation = 'source-over';
    }
  }

  // The stroke with hard edges, by way of a canvas of its own: soft ones would mix colours.
  stamp(g, stroke) {
    this.scratch ??= newCanvas(0).getContext('2d', { willReadFrequently: true });
    const { canvas } = this.scratch;
    if (canvas.width !== this.pixels) {
      canvas.width = canvas.height = this.pixels;
      this.aim(this.scratch);
      this.scratch.lineCap = this.scratch.lineJoin = 'round';
    }
    trace(this.scratch, stroke);
    const boxes = this.boxes(stroke);
    for (const box of boxes) {
      const [x, y, width, height] = box;
      if (width <= 0 || height <= 0) continue;
      const image = this.scratch.getImageData(...box);
      harden(image.data, channels(colourOf(stroke.c)));
      this.scratch.putImageData(image, x, y);
      g.save();
      g.resetTransform();
      g.drawImage(canvas, ...box, ...box);
      g.restore();
    }
    this.scratch.save();
    this.scratch.resetTransform();
    for (const box of boxes) this.scratch.clearRect(...box); // no more: a drawing may have thousands of strokes
    this.scratch.restore();
  }

  // Where some points of a stroke may show, and their mirror images: [x, y, width, height] in whole pixels.
  boxes(stroke, p = stroke.p) {
    const { unit, view, pixels } = this;
    const rim = widest(stroke) / 2 + 1;
    const xs = p.filter((_, i) => i % 2 === 0);
    const ys = p.filter((_, i) => i % 2);
    const low = (v, from) => clamp(Math.floor(unit * (v - rim - from)), 0, pixels);
    const high = (v, from) => clamp(Math.ceil(unit * (v + rim - from)), 0, pixels);
    const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
    const [y0, y1] = [low(Math.min(...ys), view.y), high(Math.max(...ys), view.y)];
    const spans = stroke.m
      ? [
          [x0, x1],
          [SIDE - x1, SIDE - x0],
        ]
      : [[x0, x1]];
    return spans.map(([a, b]) => [low(a, view.x), y0, high(b, view.x) - low(a, view.x), y1 - y0]);
  }

  // Keeps what lies under a stroke that begins.
  begin() {
    this.under ??= this.twin();
    this.under.copy(this);
  }

  // The stroke, grown since its point number `since`: where that may show, it is drawn anew on what lies under it.
  grow(stroke, since) {
    const boxes = this.boxes(stroke, stroke.p.slice(2 * Math.max(since - 2, 0)));
    for (const g of this.layers) {
      g.save();
      g.resetTransform();
      g.beginPath();
      for (const box of boxes) g.rect(...box);
      g.clip();
      this.aim(g);
    }
    this.copy(this.under);
    this.stroke(stroke);
    for (const g of this.layers) g.restore();
  }

  // The stroke as a whole, the same pixels as when it is drawn again: undo and redo paint the same picture.
  end(stroke) {
    this.copy(this.under);
    this.stroke(stroke);
  }

  // Whether the stroke that has ended left a trace.
  get changed() {
    const [now, before] = [this, this.under].map(({ layers }) => layers.map(pixelsOf));
    return now.some((data, i) => data.some((value, j) => value !== before[i][j]));
  }

  step({ image, strokes }) {
    if (image) for (const [i, g] of this.layers.entries()) g.drawImage([image.ink, image.colour][i], 0, 0, SIDE, SIDE);
    for (const stroke of strokes) this.stroke(stroke);
  }

  // Draws all but the last steps on a paper of their own, so that undo has few to draw again; returns the others.
  settle(steps) {
    const now = seen(steps);
    this.past ??= this.twin();
    const { past } = this;
    if (past.pixels !== this.pixels || past.view !== this.view || this.settled.some((step, i) => step !== now[i])) {
      past.resize(this.pixels, this.view); // empties it too
      this.settled = [];
    }
    if (!this.settled.length || now.length - this.settled.length > 2 * RECENT) {
      const older = now.slice(0, Math.max(now.length - RECENT, 1));
      for (const step of older.slice(this.settled.length)) past.step(step);
      this.settled = older;
    }
    return now.slice(this.settled.length);
  }

  // All anew, as when strokes mean something else.
  renew(steps) {
    this.settled = [];
    this.past = null;
    this.draw(steps);
  }

  // `growing`: the stroke that the pen is at.
  draw(steps, growing) {
    const recent = this.settle(steps);
    this.copy(this.past);
    for (const step of recent) this.step(step);
    if (!growing) return;
    this.begin();
    this.stroke(growing);
  }

  // Its layers, or some of them, on the colour of the paper, on `canvas`.
  print(canvas, layers = this.layers) {
    const g = canvas.getContext('2d', { willReadFrequently: true });
    g.fillStyle = subject().paper;
    g.fillRect(0, 0, canvas.width, canvas.height);
    for (const layer of [...layers].reverse()) g.drawImage(layer.canvas, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  get blank() {
    return this.layers.every(isBlank);
  }
}

export const pixelsOf = (g) => g.getImageData(0, 0, g.canvas.width, g.canvas.height).data;

export const isBlank = (g) => {
  const data = pixelsOf(g);
  for (let i = 3; i < data.length; i += 4) if (data[i] > 8) return false;
  return true;
};

export const newCanvas = (size) => Object.assign(document.createElement('canvas'), { width: size, height: size });

export const newPaper = (size) => {
  const paper = new Paper(newCanvas(size), newCanvas(size), true);
  paper.resize(size);
  return paper;
};
