// Drawings as data, and how they are put on paper.
//
// A drawing is a list of steps; one undo takes one step back:
//   {strokes: [stroke, ...], fresh: true?, image: {ink, colour}?}
// A fresh step starts on empty paper: an example, a file, a shared drawing, or nothing ("clear").
// A stroke is {c: name of its colour or 'erase', w: width, m: 1 if mirrored, p: [x, y, x, y, ...]},
// in units of a square of SIDE, whatever the pixels of the screen.
const SIDE = 512;
const NAMES = Object.keys(PALETTE); // the order is part of the share links
const CODES = [...NAMES, 'erase'];

// Two transparent layers: ink above colours, as the hints were drawn in training, so that a
// scribble of colour never hides a line.
class Paper {
  constructor(ink, colour, willReadFrequently = false) {
    this.layers = [ink, colour].map((canvas) => canvas.getContext('2d', { willReadFrequently }));
  }

  resize(pixels) {
    for (const g of this.layers) {
      g.canvas.width = g.canvas.height = pixels; // resets the context too
      g.scale(pixels / SIDE, pixels / SIDE);
      g.lineCap = g.lineJoin = 'round';
    }
  }

  wipe() {
    for (const g of this.layers) g.clearRect(0, 0, SIDE, SIDE);
  }

  // Calls trace(g, flip) for every layer and half that the stroke marks; flip(x) is x there.
  each(stroke, trace) {
    const [ink, colour] = this.layers;
    const erase = stroke.c === 'erase';
    for (const g of erase ? [ink, colour] : [stroke.c === 'ink' ? ink : colour]) {
      g.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
      g.strokeStyle = PALETTE[stroke.c] ?? '#000';
      g.lineWidth = stroke.w;
      for (const flip of stroke.m ? [(x) => x, (x) => SIDE - x] : [(x) => x]) {
        g.beginPath();
        trace(g, flip);
        g.stroke();
      }
      g.globalCompositeOperation = 'source-over';
    }
  }

  // The piece of a growing stroke that its point number i adds: a curve from middle to middle of the
  // points, so that fast strokes have no corners.
  piece({ p, ...stroke }, i) {
    const at = (k) => [p[2 * k], p[2 * k + 1]];
    this.each(stroke, (g, flip) => {
      const [x, y] = at(i), [px, py] = at(Math.max(i - 1, 0)), [qx, qy] = at(Math.max(i - 2, 0));
      g.moveTo(flip((qx + px) / 2), (qy + py) / 2);
      if (i === 0) g.lineTo(flip(x) + 0.01, y); // a line of no length draws no dot
      else g.quadraticCurveTo(flip(px), py, flip((px + x) / 2), (py + y) / 2);
    });
  }

  // From the middle, where the last piece ended, to the point where the pen left the paper.
  tail({ p, ...stroke }) {
    const [px, py, x, y] = p.length > 2 ? p.slice(-4) : [...p, ...p];
    this.each(stroke, (g, flip) => {
      g.moveTo(flip((px + x) / 2), (py + y) / 2);
      g.lineTo(flip(x) + 0.01, y);
    });
  }

  // As the pen drew it, piece by piece: the same pixels, so that undo and redo paint the same picture.
  stroke(stroke) {
    for (let i = 0; i < stroke.p.length / 2; i++) this.piece(stroke, i);
    this.tail(stroke);
  }

  draw(steps) {
    this.wipe();
    const start = steps.findLastIndex((step) => step.fresh);
    for (const step of steps.slice(Math.max(start, 0))) {
      if (step.image) {
        this.layers[0].drawImage(step.image.ink, 0, 0, SIDE, SIDE);
        this.layers[1].drawImage(step.image.colour, 0, 0, SIDE, SIDE);
      }
      step.strokes.forEach((stroke) => this.stroke(stroke));
    }
  }

  // Both layers on white, on `canvas`.
  print(canvas) {
    const g = canvas.getContext('2d', { willReadFrequently: true });
    g.fillStyle = '#fff';
    g.fillRect(0, 0, canvas.width, canvas.height);
    for (const layer of [...this.layers].reverse()) g.drawImage(layer.canvas, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  get blank() {
    return this.layers.every((g) => {
      const { data } = g.getImageData(0, 0, g.canvas.width, g.canvas.height);
      for (let i = 3; i < data.length; i += 4) if (data[i] > 8) return false;
      return true;
    });
  }
}

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

// An image, whole and centred, on a white square.
const fitted = (source) => {
  const canvas = newCanvas(SIDE), g = canvas.getContext('2d', { willReadFrequently: true });
  const scale = SIDE / Math.max(source.width, source.height);
  const [w, h] = [source.width * scale, source.height * scale];
  g.fillStyle = '#fff';
  g.fillRect(0, 0, SIDE, SIDE);
  g.drawImage(source, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  return canvas;
};

// An image as a step. Its greys become ink (black, as transparent as they are light) and its colours
// the colour layer: a scanned outline can be rubbed out and coloured under its lines like a drawn one.
// `tones` is the share of pixels that are neither paper nor black: a photo has many.
const imageStep = (source) => {
  const ink = fitted(source), colour = newCanvas(SIDE), g = ink.getContext('2d');
  const lines = g.getImageData(0, 0, SIDE, SIDE), hues = new ImageData(SIDE, SIDE);
  const a = lines.data, b = hues.data;
  let tones = 0;
  for (let i = 0; i < a.length; i += 4) {
    const low = Math.min(a[i], a[i + 1], a[i + 2]), high = Math.max(a[i], a[i + 1], a[i + 2]);
    if (low < 225 && high > 40) tones += 1 / (SIDE * SIDE);
    if (high - low > 24) {
      b.set([a[i], a[i + 1], a[i + 2], 255], i);
      a[i + 3] = 0;
    } else a.set([0, 0, 0, 255 - Math.round((low + high) / 2)], i);
  }
  g.putImageData(lines, 0, 0);
  colour.getContext('2d').putImageData(hues, 0, 0);
  return { strokes: [], fresh: true, image: { ink, colour, tones } };
};
