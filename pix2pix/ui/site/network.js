// A network of the site on the visitor's device: fetched, tried out, and started again where it fails.

import { Device } from '../device/device.js';
import { hasCard, LEAST_PSNR, psnr } from '../device/trial.js';
import { pixelsOfImage } from '../draw/images.js';

// A module of one function with a SIMD instruction: whether this browser takes it.
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];
const canPaint = () => globalThis.WebAssembly?.validate(Uint8Array.from(SIMD)) && 'DecompressionStream' in globalThis;

const MOST_FAILURES = 2; // one after the other
const MOST_THREADS = 4;
const absolute = (address) => new URL(address, document.baseURI).href;

export class Network {
  // `facts`: what site.py says of the network; `runtimes`: likewise of ONNX Runtime.
  // `tell({come, all})`: bytes that have come; `tell({gpu})`: it paints; `tell({problem})`: it does not, name of a text
  constructor(facts, runtimes, tell) {
    Object.assign(this, { facts, runtimes, tell, device: null, problem: null, failures: 0, closed: false });
    this.loaded = new Promise((go) => {
      this.arrived = go;
    });
  }

  get ready() {
    return Boolean(this.device);
  }

  // Tries the graphics card first, where there is one.
  async start() {
    this.problem = null;
    if (!canPaint()) return this.#stop('site_no_simd');
    // On a card only where one can see that it paints the right pictures.
    const card = this.facts.proof && (await hasCard().catch(() => false));
    for (const gpu of card ? [true, false] : [false]) {
      let device;
      try {
        device = new Device();
        await this.#load(device, gpu);
        if (this.closed) return device.close();
        this.device = device;
        this.tell({ gpu });
        return this.arrived();
      } catch (error) {
        device?.close();
        console.info(`This device does not paint: ${error.message}`);
        if (this.closed) return;
        if (error.cut || !gpu) return this.#stop(error.cut ? 'site_cut' : 'site_failed');
      }
    }
  }

  async #load(device, gpu) {
    const { network, bytes, model, upscaler: small } = this.facts;
    const { module, wasm, bytes: more, provider } = this.runtimes[gpu ? 'webgpu' : 'wasm'];
    const threads = globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
    const runtime = { module: absolute(module), wasm: absolute(wasm), provider, threads };
    const tell = (come) => this.tell({ come, all: bytes + more });
    tell(0);
    const upscaler = small && absolute(small);
    await device.load({ network: absolute(network), bytes, upscaler, runtime, model }, tell);
    await this.#tryOut(device);
  }

  // It has to paint what the checkpoint painted when the site was made.
  async #tryOut(device) {
    const { proof, model, styles } = this.facts;
    if (!proof) return;
    const [drawing, picture] = await Promise.all(
      [proof.drawing, proof.picture].map((src) => pixelsOfImage(src, model.size)),
    );
    const { pixels } = await device.paintRaw({ drawing, hints: null, style: styles[0] ?? null });
    if (!(psnr(pixels, picture) >= LEAST_PSNR)) throw Error('it paints other pictures');
  }

  #stop(problem) {
    this.problem = problem;
    this.tell({ problem });
  }

  // `act(device)`, a promise. Where the device fails, the network starts again, unless it did so before.
  async ask(act) {
    const { device } = this;
    if (!device) throw Error('it is not loaded');
    try {
      const answer = await act(device);
      this.failures = 0;
      return answer;
    } catch (error) {
      if (device === this.device && !this.closed) {
        this.device = null;
        device.close();
        console.info(`This device failed: ${error.message}`);
        if (++this.failures < MOST_FAILURES) this.start();
        else this.#stop('site_failed');
      }
      throw error;
    }
  }

  close() {
    this.closed = true;
    this.device?.close();
    this.device = null;
    this.arrived(); // nobody shall wait for it
  }
}
