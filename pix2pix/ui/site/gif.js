// Animated GIFs (GIF89a), of up to 256 colours: greys, or where there are colours six levels of each channel.

const LEVELS = 6;
const GREYS = Array.from({ length: 256 }, (_, i) => [i, i, i]);
const COLORS = Array.from({ length: 256 }, (_, i) =>
  [Math.floor(i / LEVELS ** 2) % LEVELS, Math.floor(i / LEVELS) % LEVELS, i % LEVELS].map(
    (v) => (255 * v) / (LEVELS - 1),
  ),
);
const levelOf = (v) => Math.round((v * (LEVELS - 1)) / 255);
const indexOf = (grey) => (r, g, b) => (grey ? r : LEVELS ** 2 * levelOf(r) + LEVELS * levelOf(g) + levelOf(b));

// LZW: codes of 9 bits and more, lowest bit first, in blocks of 255 bytes.
const compressed = (indices) => {
  const CLEAR = 256,
    MOST = 4096,
    bytes = [];
  let table, wide, next, held, bits;
  const put = (code) => {
    held |= code << bits;
    for (bits += wide; bits >= 8; bits -= 8, held >>>= 8) bytes.push(held & 255);
  };
  const clear = () => {
    put(CLEAR);
    table = new Map();
    wide = 9;
    next = CLEAR + 2;
  };
  held = bits = 0;
  wide = 9;
  clear();
  let code = indices[0];
  for (const index of indices.subarray(1)) {
    const longer = (code << 8) | index;
    if (table.has(longer)) {
      code = table.get(longer);
      continue;
    }
    put(code);
    code = index;
    if (next === MOST) {
      clear();
      continue;
    }
    if (next === 1 << wide) wide++;
    table.set(longer, next++);
  }
  put(code);
  put(CLEAR + 1);
  if (bits) bytes.push(held & 255);
  const blocks = [8];
  for (let i = 0; i < bytes.length; i += 255) {
    const block = bytes.slice(i, i + 255);
    blocks.push(block.length, ...block);
  }
  return [...blocks, 0];
};

// `frames`: [{image: ImageData, ms}] of one size; an endless animation as a Blob.
export const gif = (frames) => {
  const { width, height } = frames[0].image;
  const grey = frames.every(({ image: { data } }) => data.every((v, i) => i % 4 === 3 || v === data[i - (i % 4)]));
  const nearest = indexOf(grey);
  const short = (v) => [v & 255, v >> 8];
  const text = (words) => [...words].map((letter) => letter.charCodeAt(0));
  const parts = [
    ...[text('GIF89a'), short(width), short(height), [0xf7, 0, 0], (grey ? GREYS : COLORS).flat()],
    ...[[0x21, 0xff, 11], text('NETSCAPE2.0'), [3, 1, 0, 0, 0]],
  ];
  for (const { image, ms } of frames) {
    const { data } = image;
    const indices = Uint8Array.from({ length: width * height }, (_, i) =>
      nearest(data[4 * i], data[4 * i + 1], data[4 * i + 2]),
    );
    parts.push([0x21, 0xf9, 4, 4, ...short(ms / 10), 0, 0], [0x2c, 0, 0, 0, 0, ...short(width), ...short(height), 0]);
    parts.push(compressed(indices));
  }
  return new Blob([...parts.map((part) => Uint8Array.from(part)), Uint8Array.of(0x3b)], { type: 'image/gif' });
};
