// Whether the device paints what the server does, and faster.

// Whether it has a graphics card that a Worker can use. One that another program imitates is slower than WebAssembly.
export const hasCard = async () => {
  const adapter = 'Suspending' in WebAssembly ? await navigator.gpu?.requestAdapter() : null;
  return Boolean(adapter) && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
};

// Whether the visitor pays by the megabyte.
export const metered = () => Boolean(navigator.connection?.saveData) || navigator.connection?.type === 'cellular';

export const LEAST_PSNR = 40; // dB

// Of two pictures' RGBA pixels; alpha does not count.
export const psnr = (one, other) => {
  if (one.length !== other.length) return 0;
  let sum = 0;
  for (let i = 0; i < one.length; i++) if (i % 4 !== 3) sum += (one[i] - other[i]) ** 2;
  return 10 * Math.log10(255 ** 2 / Math.max(sum / ((3 * one.length) / 4), 1e-6));
};

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

// The last so many times.
export class Clock {
  constructor(most = 9) {
    Object.assign(this, { most, times: [] });
  }

  note(ms) {
    this.times = [...this.times, ms].slice(-this.most);
  }

  // Milliseconds; undefined before there are `least` of them.
  typical(least = 1) {
    return this.times.length >= least ? median(this.times) : undefined;
  }
}

// Milliseconds a picture that WebAssembly takes in one thread for each megabyte of the network, on a fast machine: where
// the server is faster than this, the network need not be fetched.
const WASM_AT_BEST = 3;
export const hopeless = (bytes, gpu, server) => !gpu && server < (WASM_AT_BEST * bytes) / 1e6;
