// Drawings as links: strokes -> simplified points -> small integers -> deflate -> base64url.

import { NAMES } from './palette.js';
import { PRESSURES, widest } from './ribbons.js';
import { simplify, thinned } from './simplify.js';

const CODES = [...NAMES, 'erase', 'other', 'patch', 'style']; // the order is that of links which are about
const LONGEST_LINK = 16000; // letters
// More than a drawing has whose link is no longer; but a link of some hundred letters may ask for more, and a browser
// would be at it for minutes: for all lines together, for their number, and for one that crosses itself at every point.
const MOST_POINTS = 20000;
const MOST_STROKES = 2000;
export const LONGEST_STROKE = 2000; // points
const MOST_INK = 500000; // units of length, a point counted as long as the line is wide
const PRESSED_POINT = 20; // more for a point of a ribbon, whatever its width
const WIDEST = 128; // as that of a subject

// How much work a stroke is to draw, in the units of MOST_INK.
const inkOf = ({ w, m, p, r }) => {
  let ink = ((r ? 4 * widest({ w, r }) + PRESSED_POINT : w) * p.length) / 2; // a ribbon is made of many pieces
  for (let i = 2; i < p.length; i++) ink += Math.abs(p[i] - p[i - 2]);
  return m ? 2 * ink : ink;
};
// Tells of one stroke after the other whether a drawing may have it too.
const allowance = () => {
  let points = 0;
  let strokes = 0;
  let ink = 0;
  return (stroke) => {
    const { w, p } = stroke;
    if (w < 1 || w > WIDEST || p.length > 2 * LONGEST_STROKE) return false;
    points += p.length / 2;
    strokes++;
    ink += inkOf(stroke);
    return points <= MOST_POINTS && strokes <= MOST_STROKES && ink <= MOST_INK;
  };
};

// Of a text with a link: the code of its drawing, and the subject that it names, '' for none.
export const partsOfLink = (text) => {
  const [, code = '', key = ''] = /#d=([^&\s]*)(?:&of=([^&\s]*))?/.exec(text) ?? [];
  try {
    return [code, decodeURIComponent(key)];
  } catch {
    return [code, ''];
  }
};

const pump = async (bytes, stream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

// A stroke in pieces of LONGEST_STROKE points, each of which begins where the last one ends.
const pieces = (stroke) => {
  const found = [];
  for (let i = 0; !i || i < stroke.p.length / 2 - 1; i += LONGEST_STROKE - 1) {
    const p = stroke.p.slice(2 * i, 2 * (i + LONGEST_STROKE));
    const r = stroke.r?.slice(i, i + LONGEST_STROKE);
    found.push({ ...stroke, p, r });
  }
  return found;
};
const PRESSED = 126; // before a stroke with pressures; no colour has that number
// Of styles. PARTS: of one, in which their numbers are kept.
const MOST_STYLES = 64;
const STYLE_NUMBERS = 16;
const LARGEST_NUMBER = 8;
const PARTS = 100;

// `style`: the number of a built-in one, a list of numbers, or null. '' if that is too long for a link.
export const encode = async (drawing, style) => {
  const thin = (stroke) => ({ ...stroke, ...(stroke.r ? thinned(stroke) : { p: simplify(stroke.p) }) });
  const whole = (stroke) => (stroke.f ? [stroke] : pieces({ ...thin(stroke), w: Math.round(stroke.w) }));
  const strokes = drawing.flatMap(whole);
  if (!strokes.every(allowance())) return '';
  const bytes = [];
  const put = (n) => {
    for (; n > 127; n >>>= 7) bytes.push((n & 127) | 128);
    bytes.push(n);
  };
  const putSigned = (n) => put(n < 0 ? -2 * n - 1 : 2 * n);
  const code = (name) => 2 * CODES.indexOf(name);
  if (style !== null) put(code('style'));
  if (Array.isArray(style)) {
    put(0);
    for (const v of style) putSigned(Math.round(PARTS * v));
  } else if (style !== null) put(style + 1);
  for (const { c, w, m, f, p, r } of strokes) {
    if (r) put(PRESSED);
    if (f) put(code('patch'));
    put(code(CODES.includes(c) ? c : 'other') + (m ? 1 : 0));
    if (!CODES.includes(c)) put(parseInt(c.slice(1), 16));
    put(w);
    put(p.length / 2);
    const last = [0, 0];
    p.forEach((value, i) => {
      const delta = Math.round(value) - last[i % 2];
      last[i % 2] += delta;
      putSigned(delta);
    });
    r?.forEach(put);
  }
  const packed = await pump(Uint8Array.from(bytes), new CompressionStream('deflate-raw'));
  if (packed.length > (LONGEST_LINK * 3) / 4) return '';
  return btoa(String.fromCharCode(...packed))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
};

// A drawing as a step. Links of before styles get the first one.
export const decode = async (text) => {
  if (text.length > LONGEST_LINK) throw new Error('too long');
  const packed = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const bytes = await pump(packed, new DecompressionStream('deflate-raw'));
  let at = 0;
  const get = () => {
    let n = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 21) throw new Error('cut');
      n |= (bytes[at] & 127) << shift;
      if (bytes[at++] < 128) return n;
    }
  };
  const getSigned = () => {
    const n = get();
    return n & 1 ? -(n + 1) / 2 : n / 2;
  };
  const getStyle = () => {
    const number = get();
    if (number > MOST_STYLES) throw new Error('no style');
    if (number) return number - 1;
    const numbers = Array.from({ length: STYLE_NUMBERS }, () => getSigned() / PARTS);
    if (numbers.some((v) => Math.abs(v) > LARGEST_NUMBER)) throw new Error('no style');
    return numbers;
  };
  const step = { strokes: [], fresh: true, style: 0 };
  const allowed = allowance();
  let patch = false;
  while (at < bytes.length) {
    const first = get();
    const code = first === PRESSED ? get() : first;
    const name = CODES[code >> 1];
    if (!name) throw new Error('no drawing');
    if (name === 'patch') patch = true;
    if (name === 'style') step.style = getStyle();
    if (name === 'patch' || name === 'style') continue;
    const c = name === 'other' ? `#${get().toString(16).padStart(6, '0').slice(-6)}` : name;
    const w = get();
    const count = get();
    const p = [];
    const last = [0, 0];
    if (count < 1 || count > LONGEST_STROKE) throw new Error('no drawing');
    for (let i = 0; i < 2 * count; i++) {
      last[i % 2] += getSigned();
      p.push(last[i % 2]);
    }
    const stroke = { c, w, m: code & 1, p, ...(patch && { f: 1 }) };
    if (first === PRESSED) stroke.r = Array.from({ length: count }, get);
    if (stroke.r?.some((part) => part < PRESSURES[0] || part > PRESSURES[1])) throw new Error('no drawing');
    if (!allowed(stroke)) throw new Error('no drawing');
    step.strokes.push(stroke);
    patch = false;
  }
  return step;
};
