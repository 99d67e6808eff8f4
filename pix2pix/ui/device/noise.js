// Noise by its seed, the same numbers as `torch.randn(..., generator=torch.Generator().manual_seed(seed))`.

// The Mersenne Twister (Matsumoto and Nishimura 1998): gives a function that gives 32 random bits.
const twister = (seed) => {
  const N = 624,
    M = 397,
    state = new Uint32Array(N);
  state[0] = seed;
  for (let i = 1; i < N; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  let at = N;
  const turn = () => {
    for (let i = 0; i < N; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
      state[i] = state[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    at = 0;
  };
  return () => {
    if (at === N) turn();
    let y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
};

const BLOCK = 16; // numbers that PyTorch makes at once, by the method of Box and Muller

const makeNormal = (numbers, from) => {
  for (let i = from; i < from + BLOCK / 2; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - numbers[i])),
      angle = 2 * Math.PI * numbers[i + BLOCK / 2];
    numbers[i] = radius * Math.cos(angle);
    numbers[i + BLOCK / 2] = radius * Math.sin(angle);
  }
};

// `seed`: a whole number. PyTorch has another way for fewer numbers than BLOCK; those are the first of BLOCK here.
export const noise = (seed, count) => {
  const bits = twister(Number(BigInt.asUintN(32, BigInt(seed)))),
    uniform = () => (bits() & 0xffffff) / 2 ** 24,
    numbers = Float32Array.from({ length: Math.max(count, BLOCK) }, uniform);
  for (let i = 0; i + BLOCK <= numbers.length; i += BLOCK) makeNormal(numbers, i);
  if (numbers.length % BLOCK) {
    const tail = numbers.length - BLOCK;
    for (let i = tail; i < numbers.length; i++) numbers[i] = uniform();
    makeNormal(numbers, tail);
  }
  return numbers.subarray(0, count);
};

// From a at t = 0 to b at t = 1 on an arc, see slerp() in pipelines/digits.py.
export const between = (a, b, t) => {
  const dot = (x, y) => x.reduce((sum, v, i) => sum + v * y[i], 0),
    angle = Math.acos(Math.min(Math.max(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), -1), 1)),
    arc = Math.sin(angle);
  const [p, q] = arc < 1e-3 ? [1 - t, t] : [Math.sin((1 - t) * angle) / arc, Math.sin(t * angle) / arc];
  return a.map((v, i) => p * v + q * b[i]);
};
