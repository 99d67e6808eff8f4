// A drawing in the colours of a palette alone, as imaging/labels.py makes it so; there stands why.

const EXACT = 9; // the most that a channel of a pixel that has a colour may differ from it
const LEAST = 5; // of 3 x 3 pixels that have a colour, where it is no mixture that happens to be like it
const AROUND = 2; // pixels to each side in which a mixture looks for the colours that it is made of

const codeAt = (data, i) => (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
const clamped = (v, size) => Math.min(Math.max(v, 0), size - 1);

// A set of colours as the bits of a number, for every pixel: those that LEAST or more pixels of its 3 x 3 have.
const settled = (has, size, count) => {
  const kept = new Uint32Array(size * size);
  const votes = new Uint8Array(count);
  for (let i = 0; i < kept.length; i++) {
    if (!has[i]) continue;
    votes.fill(0);
    const [x, y] = [i % size, Math.floor(i / size)];
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        let bits = has[clamped(y + dy, size) * size + clamped(x + dx, size)];
        for (; bits; bits &= bits - 1) votes[31 - Math.clz32(bits & -bits)]++;
      }
    votes.forEach((votesOf, k) => {
      if (votesOf >= LEAST) kept[i] |= has[i] & (1 << k);
    });
  }
  return kept;
};

// Likewise those that any pixel around has.
const around = (has, size) => {
  const spread = (from, step, at) => {
    const to = new Uint32Array(from.length);
    for (let i = 0; i < from.length; i++)
      for (let d = -AROUND; d <= AROUND; d++) if (at(i) + d >= 0 && at(i) + d < size) to[i] |= from[i + d * step];
    return to;
  };
  return spread(
    spread(has, 1, (i) => i % size),
    size,
    (i) => Math.floor(i / size),
  );
};

// RGBA pixels -> the same, each in one of `colours`, "#rrggbb", of which there are 32 at most.
export const snapped = (drawing, size, colours) => {
  const palette = colours.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const data = drawing.slice();
  const facts = new Map(); // of each colour of the drawing: the palette's that it counts as, and how far all are
  let mixed = false;
  const has = new Uint32Array(size * size);
  for (let i = 0; i < has.length; i++) {
    const code = codeAt(data, 4 * i);
    if (!facts.has(code)) {
      const apart = palette.map((color) => color.map((v, c) => Math.abs(v - data[4 * i + c])));
      const bits = apart.reduce((sum, each, k) => (Math.max(...each) <= EXACT ? sum | (1 << k) : sum), 0);
      facts.set(code, { bits, far: apart.map((each) => each.reduce((sum, v) => sum + v * v, 0)) });
      mixed ||= !bits;
    }
    has[i] = facts.get(code).bits;
  }
  const near = mixed ? around(settled(has, size, colours.length), size) : null;
  for (let i = 0; i < has.length; i++) {
    const { far } = facts.get(codeAt(data, 4 * i));
    const among = near?.[i] || 0xffffffff;
    const best = far.reduce((least, v, k) => (among & (1 << k) && v < (far[least] ?? Infinity) ? k : least), -1);
    data.set(palette[best], 4 * i);
  }
  return data;
};
