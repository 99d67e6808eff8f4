// What the DCGAN writes, as pipelines/digits.py does it: the same seed gives the same pictures.

import { pixelsFrom } from '../device/condition.js';
import { between, noise } from '../device/noise.js';

// `run(inputs)`: of the network (network.js); `facts`: what site.py says of it.
export const newWriter = (run, { classes, z_dim: wide, size }) => {
  // Rows of z and of shares of the classes -> pictures as ImageData.
  const paint = async (zs, labels) => {
    const rows = (list, width) => ({
      data: Float32Array.from(list.flatMap((row) => [...row])),
      dims: [list.length, width],
    });
    const { data } = await run({ z: rows(zs, wide), label: rows(labels, classes.length) });
    const length = data.length / zs.length;
    return zs.map((_, i) => new ImageData(pixelsFrom(data.subarray(i * length, (i + 1) * length), size), size));
  };
  const oneHot = (label) => classes.map((_, i) => (i === label ? 1 : 0));
  const noises = (count, seed) => {
    const numbers = noise(seed, count * wide);
    return Array.from({ length: count }, (_, i) => numbers.subarray(i * wide, (i + 1) * wide));
  };
  return {
    samples: (labels, seed) => paint(noises(labels.length, seed), labels.map(oneHot)),
    // One row of pictures for each style.
    styles: async (seed, count, labels) => {
      const zs = noises(count, seed).flatMap((z) => labels.map(() => z));
      const images = await paint(zs, Array.from({ length: count }, () => labels.map(oneHot)).flat());
      return Array.from({ length: count }, (_, i) => images.slice(i * labels.length, (i + 1) * labels.length));
    },
    morph: (start, end, steps, seed, seedEnd) => {
      const [[a], [b]] = [noises(1, seed), noises(1, seedEnd)];
      const ts = Array.from({ length: steps }, (_, i) => i / (steps - 1));
      const shares = (t) => classes.map((_, i) => (1 - t) * (i === start) + t * (i === end));
      return paint(
        ts.map((t) => between(a, b, t)),
        ts.map(shares),
      );
    },
  };
};
