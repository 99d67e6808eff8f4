// Drawings as links: strokes -> simplified points -> small integers -> deflate -> base64url.

const LONGEST_LINK = 16000; // letters
// More than a drawing has whose link is no longer; but a link of some hundred letters may ask for more, and a browser
// would be at it for minutes: for all lines together, and for one that crosses itself at every point.
const MOST_POINTS = 20000, LONGEST_STROKE = 2000; // points
const MOST_INK = 500000; // units of length, a point counted as long as the line is wide
const WIDEST = 32; // as the slider's

// How much work a stroke is to draw, in the units of MOST_INK.
const inkOf = ({ w, m, p, r }) => {
  let ink = ((r ? 4 * widest({ w, r }) : w) * p.length) / 2; // a ribbon is made of many pieces
  for (let i = 2; i < p.length; i++) ink += Math.abs(p[i] - p[i - 2]);
  return m ? 2 * ink : ink;
};
const drawable = (strokes) =>
  strokes.every(({ w, p }) => w >= 1 && w <= WIDEST && p.length <= 2 * LONGEST_STROKE) &&
  strokes.reduce((points, { p }) => points + p.length / 2, 0) <= MOST_POINTS &&
  strokes.reduce((ink, stroke) => ink + inkOf(stroke), 0) <= MOST_INK;

// Ramer, Douglas, Peucker: drops points nearer than `slack` to the line between their neighbours.
// A sharp corner is kept as a double point, else the curve through the middles would round it.
const simplify = (p, slack = 0.7) => {
  const n = p.length / 2, keep = new Set([0, n - 1]), spans = [[0, n - 1]];
  while (spans.length) {
    const [a, b] = spans.pop();
    const [ax, ay, dx, dy] = [p[2 * a], p[2 * a + 1], p[2 * b] - p[2 * a], p[2 * b + 1] - p[2 * a + 1]];
    const length = Math.hypot(dx, dy);
    let far = 0, worst = slack;
    for (let i = a + 1; i < b; i++) {
      const [x, y] = [p[2 * i] - ax, p[2 * i + 1] - ay];
      const distance = length ? Math.abs(x * dy - y * dx) / length : Math.hypot(x, y);
      if (distance > worst) [far, worst] = [i, distance];
    }
    if (far) keep.add(far), spans.push([a, far], [far, b]);
  }
  const kept = [...keep].sort((a, b) => a - b).map((i) => [p[2 * i], p[2 * i + 1]]);
  return kept.flatMap(([x, y], i) => {
    if (i === 0 || i === kept.length - 1) return [x, y];
    const [before, after] = [kept[i - 1], kept[i + 1]];
    const cut = Math.hypot(before[0] - 2 * x + after[0], before[1] - 2 * y + after[1]) / 8; // curve to corner
    return cut > 2 * slack ? [x, y, x, y] : [x, y];
  });
};

const pump = async (bytes, stream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

// A stroke in pieces of LONGEST_STROKE points, each of which begins where the last one ends.
const pieces = (stroke) => {
  const found = [];
  for (let i = 0; !i || i < stroke.p.length / 2 - 1; i += LONGEST_STROKE - 1) {
    const p = stroke.p.slice(2 * i, 2 * (i + LONGEST_STROKE)), r = stroke.r?.slice(i, i + LONGEST_STROKE);
    found.push({ ...stroke, p, r });
  }
  return found;
};
const PRESSED = 126; // before a stroke with pressures; no colour has that number

// '' if that is too long for a link.
const encode = async (drawn) => {
  const strokes = drawn.flatMap((s) => pieces({ ...s, ...(s.r ? thinned(s) : { p: simplify(s.p) }), w: Math.round(s.w) }));
  if (!drawable(strokes)) return '';
  const bytes = [];
  const put = (n) => {
    for (; n > 127; n >>>= 7) bytes.push((n & 127) | 128);
    bytes.push(n);
  };
  for (const { c, w, m, p, r } of strokes) {
    if (r) put(PRESSED);
    put(CODES.indexOf(c) * 2 + (m ? 1 : 0));
    put(w);
    put(p.length / 2);
    let last = [0, 0];
    p.forEach((value, i) => {
      const delta = Math.round(value) - last[i % 2];
      last[i % 2] += delta;
      put(delta < 0 ? -2 * delta - 1 : 2 * delta);
    });
    r?.forEach(put);
  }
  const packed = await pump(Uint8Array.from(bytes), new CompressionStream('deflate-raw'));
  if (packed.length > (LONGEST_LINK * 3) / 4) return '';
  return btoa(String.fromCharCode(...packed)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
};

const decode = async (text) => {
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
  const strokes = [];
  while (at < bytes.length) {
    const first = get(), code = first === PRESSED ? get() : first, w = get(), count = get(), p = [], last = [0, 0];
    if (code >= 2 * CODES.length || count < 1 || count > LONGEST_STROKE) throw new Error('no drawing');
    for (let i = 0; i < 2 * count; i++) {
      const n = get();
      p.push((last[i % 2] += n & 1 ? -(n + 1) / 2 : n / 2));
    }
    const stroke = { c: CODES[code >> 1], w, m: code & 1, p };
    if (first === PRESSED) stroke.r = Array.from({ length: count }, get);
    if (stroke.r?.some((part) => part < PRESSURES[0] || part > PRESSURES[1])) throw new Error('no drawing');
    strokes.push(stroke);
  }
  if (!drawable(strokes)) throw new Error('no drawing');
  return strokes;
};
