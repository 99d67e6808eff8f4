// Lines of any width to lines of one pixel: Zhang & Suen, "A fast parallel algorithm for thinning digital patterns",
// 1984, as scikit-image's `skeletonize` does it.

// The eight neighbours of a pixel, clockwise from the upper left one: [right, down].
const AROUND = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
];

// Where scikit-image departs from the paper, so that steps of diagonal lines become thin: neighbourhoods (bit i: whether
// neighbour i is set) and the passes in which their middle goes (1: the first, 2: the second, 3: either).
const DEPARTURES = {
  3: 1,
  6: 1,
  10: 3,
  11: 1,
  12: 1,
  14: 1,
  24: 2,
  26: 2,
  40: 3,
  48: 0,
  56: 2,
  96: 2,
  104: 2,
  108: 2,
  129: 0,
  130: 3,
  131: 1,
  134: 1,
  160: 3,
  161: 1,
  176: 2,
  192: 2,
  194: 1,
  198: 1,
  224: 2,
};

// The paper's rule: a pixel of a border goes if that cuts no line, first those of south and east, then the others.
const passesOf = (neighbours) => {
  if (neighbours in DEPARTURES) return DEPARTURES[neighbours];
  const set = AROUND.map((_, i) => (neighbours >> i) & 1);
  const count = set.reduce((a, b) => a + b);
  const starts = set.filter((there, i) => there && !set[(i + 7) % 8]).length;
  if (count < 2 || count > 6 || starts !== 1) return 0;
  const [, north, , east, , south, , west] = set;
  const first = !(north && east && south) && !(east && south && west);
  const second = !(north && east && west) && !(north && south && west);
  return Number(first) + 2 * Number(second);
};
const PASSES = Uint8Array.from({ length: 256 }, (_, neighbours) => passesOf(neighbours));

// (size * size) of 0 and 1 -> the same, one pixel thin. Beyond the border there is nothing.
export const thinned = (ink, size) => {
  const side = size + 2;
  const now = new Uint8Array(side * side);
  const steps = AROUND.map(([right, down]) => down * side + right);
  let left = [];
  ink.forEach((there, i) => {
    if (there) left.push(i + 2 * Math.floor(i / size) + side + 1);
  });
  for (const i of left) now[i] = 1;
  for (let removed = true; removed; ) {
    removed = false;
    for (const pass of [1, 2]) {
      const goes = left.filter((i) => PASSES[steps.reduce((sum, step, bit) => sum | (now[i + step] << bit), 0)] & pass);
      for (const i of goes) now[i] = 0;
      if (!goes.length) continue;
      removed = true;
      left = left.filter((i) => now[i]);
    }
  }
  return ink.map((_, i) => now[i + 2 * Math.floor(i / size) + side + 1]);
};
