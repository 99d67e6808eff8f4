// A network of the site on the visitor's device: fetched, tried out, and started again where it fails.

import { Device } from '../device/device.js';
import { hasCard, LEAST_PSNR, metered, psnr } from '../device/trial.js';
import { pixelsOfImage } from '../draw/images.js';

// A module of one function with a SIMD instruction: whether this browser takes it.
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];
const canPaint = () => globalThis.WebAssembly?.validate(Uint8Array.from(SIMD)) && 'DecompressionStream' in globalThis;

const MOST_FAILURES = 2; // one after the other
const MOST_THREADS = 4;
// Milliseconds a picture. A processor begins with the student where there is one, a smaller network that paints much the
// same; the whole network takes its place if it would take no longer than this.
const QUICK = 60;
const absolute = (address) => new URL(address, document.baseURI).href;

export class Network {
  // `facts`: what site.py says of the network; `runtimes`: likewise of ONNX Runtime.
  // `tell({come, all})`: bytes that have come; `tell({gpu, small})`: it paints, `small` if the student does;
  // `tell({problem})`: it does not, name of a text
  constructor(facts, runtimes, tell) {
    Object.assign(this, { facts, runtimes, tell, device: null, problem: null, failures: 0, closed: false });
    this.running = new Set(); // what was asked and is not answered yet
    this.loaded = new Promise((go) => {
      this.arrived = go;
    });
  }

  get ready() {
    return Boolean(this.device);
  }

  // The ways to paint, the best first. On a card only where one can see that it paints the right pictures.
  async #ways() {
    const card = this.facts.proof && (await hasCard().catch(() => false));
    const processor = { gpu: false, file: this.facts.student ?? this.facts };
    return card ? [{ gpu: true, file: this.facts }, processor] : [processor];
  }

  // Of the first file to fetch.
  async bytes() {
    return (await this.#ways())[0].file.bytes;
  }

  async start() {
    this.problem = null;
    if (!canPaint()) return this.#stop('site_no_simd');
    for (const way of await this.#ways()) {
      let device;
      try {
        device = new Device();
        const ms = await this.#load(device, way, this.tell);
        if (this.closed) return device.close();
        this.#use(device, way);
        this.arrived();
        if (way.file === this.facts.student) this.#grow(ms);
        return;
      } catch (error) {
        device?.close();
        console.info(`This device does not paint: ${error.message}`);
        if (this.closed) return;
        if (error.cut || !way.gpu) return this.#stop(error.cut ? 'site_cut' : 'site_failed');
      }
    }
  }

  #use(device, { gpu, file }) {
    this.device = device;
    this.tell({ gpu, small: file === this.facts.student });
  }

  // From the student to the whole network, where the processor is fast enough; `ms`: what the student takes.
  async #grow(ms) {
    const { bytes, student } = this.facts;
    if (metered() || (ms * bytes) / student.bytes > QUICK) return;
    const way = { gpu: false, file: this.facts };
    const [device, before] = [new Device(), this.device];
    let grown = false;
    try {
      await this.#load(device, way, () => {});
      while (this.running.size) await Promise.allSettled(this.running); // not in the middle of a stroke
      grown = before === this.device && !this.closed;
    } catch {} // then the student goes on
    if (!grown) return device.close();
    this.#use(device, way);
    before.close();
  }

  // Milliseconds a picture, as far as it can be tried.
  async #load(device, { gpu, file }, hear) {
    const { model, upscaler: small } = this.facts;
    const { module, wasm, bytes: more, provider } = this.runtimes[gpu ? 'webgpu' : 'wasm'];
    const threads = globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
    const runtime = { module: absolute(module), wasm: absolute(wasm), provider, threads };
    const tell = (come) => hear({ come, all: file.bytes + more });
    tell(0);
    const upscaler = small && absolute(small);
    await device.load({ network: absolute(file.network), bytes: file.bytes, upscaler, runtime, model }, tell);
    return this.#tryOut(device, file);
  }

  // It has to paint what the checkpoint painted when the site was made.
  async #tryOut(device, { proof }) {
    if (!proof) return;
    const { model, styles } = this.facts;
    const [drawing, picture] = await Promise.all(
      [proof.drawing, proof.picture].map((src) => pixelsOfImage(src, model.size)),
    );
    const frame = { drawing, hints: null, style: styles[0] ?? null };
    const { pixels } = await device.paintRaw(frame);
    if (!(psnr(pixels, picture) >= LEAST_PSNR)) throw Error('it paints other pictures');
    const start = performance.now();
    await device.paintRaw(frame); // again, as the first picture takes longer
    return performance.now() - start;
  }

  #stop(problem) {
    this.problem = problem;
    this.tell({ problem });
  }

  // `act(device)`, a promise. Where the device fails, the network starts again, unless it did so before.
  async ask(act) {
    const { device } = this;
    if (!device) throw Error('it is not loaded');
    const asked = act(device);
    this.running.add(asked);
    try {
      const answer = await asked;
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
    } finally {
      this.running.delete(asked);
    }
  }

  close() {
    this.closed = true;
    this.device?.close();
    this.device = null;
    this.arrived(); // nobody shall wait for it
  }
}
