// Drawings as data, and how they are put on paper.
//
// A drawing is a list of steps; one undo takes one step back:
//   {strokes: [stroke, ...], fresh: true?, image: {ink, colour}?}
// A fresh step starts on empty paper: an example, a file, a shared drawing, or nothing ("clear").
// A step has a `style` where the drawing takes on another one there.
// A stroke is {c: name of its colour, '#rrggbb' or 'erase', w: width, m: 1 if mirrored, p: [x, y, x, y, ...],
//   r: [parts of EVEN of the width at every point] where a pen was pressed harder and softer (ribbons.js),
//   f: 1 where the points are the border of a patch (panels.js)},
// in units of a square of SIDE, whatever the pixels of the screen.
const SIDE = 512;
const NAMES = Object.keys(PALETTE); // the order is part of the share links
const CODES = [...NAMES, 'erase', 'other', 'patch', 'style'];
const RECENT = 20; // steps
const HUED = 24; // the difference of the largest and smallest channel from which a pixel is no grey

// The steps that are to be seen: from the last one that began on empty paper.
const seen = (steps) => steps.slice(Math.max(steps.findLastIndex((step) => step.fresh), 0));

const colourOf = (c) => (c.startsWith('#') ? c : (PALETTE[c] ?? '#000000'));

// The line of a stroke, bent from middle to middle of its points, so that fast strokes have no corners.
const lineOf = ({ p, m, f }) => {
  if (f) return new Path2D('M' + p.join(' ') + 'Z');
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

// Two transparent layers: ink above colours, as the hints were drawn in training, so that a
// scribble of colour never hides a line.
class Paper {
  constructor(ink, colour, willReadFrequently = false) {
    this.layers = [ink, colour].map((canvas) => canvas.getContext('2d', { willReadFrequently }));
    this.view = WHOLE;
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
    const [ink, colour] = this.layers, erase = stroke.c === 'erase';
    const paths = stroke.r ? ribbonOf(stroke) : [lineOf(stroke)];
    for (const g of erase ? [ink, colour] : [stroke.c === 'ink' ? ink : colour]) {
      g.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
      g.strokeStyle = g.fillStyle = colourOf(stroke.c);
      g.lineWidth = stroke.w;
      for (const path of paths)
        if (stroke.r || stroke.f) g.fill(path, stroke.f ? 'evenodd' : 'nonzero');
        else g.stroke(path);
      g.globalCompositeOperation = 'source-over';
    }
  }

  // Keeps what lies under a stroke that begins.
  begin() {
    this.under ??= this.twin();
    this.under.copy(this);
  }

  // The stroke, grown since its point number `since`: where that may show, it is drawn anew on what lies under it.
  grow(stroke, since) {
    const p = stroke.p.slice(2 * Math.max(since - 2, 0)), { unit, view } = this, rim = widest(stroke) / 2 + 1;
    const xs = p.filter((_, i) => i % 2 === 0), ys = p.filter((_, i) => i % 2);
    const low = (v, from) => Math.floor(unit * (v - rim - from)); // in whole pixels
    const high = (v, from) => Math.ceil(unit * (v + rim - from));
    const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
    const [y0, y1] = [low(Math.min(...ys), view.y), high(Math.max(...ys), view.y)];
    const spans = stroke.m ? [[x0, x1], [SIDE - x1, SIDE - x0]] : [[x0, x1]];
    for (const g of this.layers) {
      g.save();
      g.resetTransform();
      g.beginPath();
      for (const [a, b] of spans) g.rect(low(a, view.x), y0, high(b, view.x) - low(a, view.x), y1 - y0);
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
    if (image) this.layers.forEach((g, i) => g.drawImage([image.ink, image.colour][i], 0, 0, SIDE, SIDE));
    for (const stroke of strokes) this.stroke(stroke);
  }

  // Draws all but the last steps on a paper of their own, so that undo has few to draw again; returns the others.
  settle(steps) {
    const now = seen(steps), past = (this.past ??= this.twin());
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

  // `growing`: the stroke that the pen is at.
  draw(steps, growing) {
    const recent = this.settle(steps);
    this.copy(this.past);
    for (const step of recent) this.step(step);
    if (!growing) return;
    this.begin();
    this.stroke(growing);
  }

  // Its layers, or some of them, on white, on `canvas`.
  print(canvas, layers = this.layers) {
    const g = canvas.getContext('2d', { willReadFrequently: true });
    g.fillStyle = '#fff';
    g.fillRect(0, 0, canvas.width, canvas.height);
    for (const layer of [...layers].reverse()) g.drawImage(layer.canvas, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  get blank() {
    return this.layers.every(isBlank);
  }
}

const pixelsOf = (g) => g.getImageData(0, 0, g.canvas.width, g.canvas.height).data;

const isBlank = (g) => {
  const data = pixelsOf(g);
  for (let i = 3; i < data.length; i += 4) if (data[i] > 8) return false;
  return true;
};

const newCanvas = (size) => Object.assign(document.createElement('canvas'), { width: size, height: size });

const newPaper = (size) => {
  const paper = new Paper(newCanvas(size), newCanvas(size), true);
  paper.resize(size);
  return paper;
};

const loaded = async (src) => {
  const image = Object.assign(new Image(), { src });
  await image.decode();
  return image;
};

// RGBA pixels of a drawing -> the same on white paper. Pale ink on nothing would be lost there: it becomes dark.
const onWhite = (data) => {
  let clear = 0, seen = 0, light = 0;
  for (let i = 0; i < data.length; i += 4) {
    const a = data[i + 3];
    clear += a < 32 ? 4 / data.length : 0;
    seen += a;
    light += a * (Math.max(data[i], data[i + 1], data[i + 2]) + Math.min(data[i], data[i + 1], data[i + 2])) / 2;
  }
  const invert = clear > 0.1 && light / seen > 225;
  for (let i = 0; i < data.length; i += 4) {
    const a = data[i + 3] / 255, rgb = [data[i], data[i + 1], data[i + 2]];
    const high = Math.max(...rgb), low = Math.min(...rgb), grey = high - low <= HUED;
    for (let j = 0; j < 3; j++) data[i + j] = 255 + a * ((invert && grey ? 255 - rgb[j] : rgb[j]) - 255);
    data[i + 3] = 255;
  }
  return data;
};

// An image on white, its longer side SIDE pixels.
const scaled = (source) => {
  const scale = SIDE / Math.max(source.width, source.height);
  const [width, height] = [source.width, source.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = Object.assign(newCanvas(0), { width, height }), g = canvas.getContext('2d', { willReadFrequently: true });
  g.drawImage(source, 0, 0, width, height);
  const image = g.getImageData(0, 0, width, height);
  onWhite(image.data);
  g.putImageData(image, 0, 0);
  return canvas;
};

// The same, centred on a white square.
const fitted = (source) => {
  const image = scaled(source);
  const canvas = newCanvas(SIDE), g = canvas.getContext('2d', { willReadFrequently: true });
  g.fillStyle = '#fff';
  g.fillRect(0, 0, SIDE, SIDE);
  g.drawImage(image, Math.floor((SIDE - image.width) / 2), Math.floor((SIDE - image.height) / 2));
  return canvas;
};

// An image as a step. Its greys become ink (black, as transparent as they are light) and its colours
// the colour layer: a scanned outline can be rubbed out and coloured under its lines like a drawn one.
// `tones` is the share of pixels that are neither paper nor black: a photo has many. `blank`: nothing is to be seen.
const imageStep = (source) => {
  const ink = fitted(source), colour = newCanvas(SIDE), g = ink.getContext('2d');
  const lines = g.getImageData(0, 0, SIDE, SIDE), hues = new ImageData(SIDE, SIDE);
  const a = lines.data, b = hues.data;
  let tones = 0, blank = true;
  for (let i = 0; i < a.length; i += 4) {
    const low = Math.min(a[i], a[i + 1], a[i + 2]), high = Math.max(a[i], a[i + 1], a[i + 2]);
    if (low < 225 && high > 40) tones += 1 / (SIDE * SIDE);
    blank &&= low > 246;
    if (high - low > HUED) {
      b.set([a[i], a[i + 1], a[i + 2], 255], i);
      a[i + 3] = 0;
    } else a.set([0, 0, 0, 255 - Math.round((low + high) / 2)], i);
  }
  g.putImageData(lines, 0, 0);
  colour.getContext('2d').putImageData(hues, 0, 0);
  return { strokes: [], fresh: true, image: { ink, colour, tones, blank } };
};
