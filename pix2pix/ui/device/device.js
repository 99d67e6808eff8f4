// The visitor's device as one that paints, in a Worker (worker.js). Every promise rejects once something went wrong; the
// device is of no use then, and is to be closed.

const SWATCH = 128; // pixels, as those of the server (ui/draw/swatches.py)
// Milliseconds without a word. At the first picture, a graphics card compiles its programs.
const PATIENCE = { load: 300000, first: 60000, later: 10000 };

export class Device {
  constructor() {
    this.worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data }) => this.#answer(data);
    this.worker.onerror = (event) => this.close(event.message || 'the Worker does not start');
    this.calls = new Map(); // {id: {done, fail, clock}}
    this.last = 0;
    this.ran = false;
    this.running = Promise.resolve();
    this.waits = null; // {frame, picture}: the newest frame, until the one that is being painted is ready
  }

  #answer({ id, answer, come, problem, cut }) {
    const call = this.calls.get(id);
    clearTimeout(call?.clock);
    if (come !== undefined) return call?.hear(come);
    this.calls.delete(id);
    if (problem) call?.fail(Object.assign(Error(problem), { cut }));
    else call?.done(answer);
    this.ran ||= Boolean(answer);
  }

  #call(action, what, more = {}, tell = () => {}) {
    return new Promise((done, fail) => {
      const id = ++this.last,
        call = { done, fail };
      const wait = () => {
        const patience = PATIENCE[action] ?? PATIENCE[this.ran ? 'later' : 'first'];
        call.clock = setTimeout(() => this.close('it takes too long'), patience);
      };
      call.hear = (come) => {
        wait();
        tell(come);
      };
      wait();
      this.calls.set(id, call);
      this.worker.postMessage({ id, [action]: what, ...more });
    });
  }

  // `tell` hears how many bytes have come. The error has `cut` where a download failed.
  load(network, tell) {
    return this.#call('load', network, {}, tell);
  }

  // What the network gives for these inputs: {data, dims}.
  run(inputs) {
    return this.#call('run', inputs);
  }

  // {img, ms}: like paint(), but no newer frame takes its place. `side`: of the picture, in pixels.
  paintAlone(frame, side) {
    return this.#call('paint', frame, { side });
  }

  // Small pictures, one for each of `styles`, until `unless()` says that something else comes first.
  async paintStyles(frame, styles, unless) {
    const imgs = [];
    for (const style of styles) {
      if (unless()) break;
      imgs.push((await this.paintAlone({ ...frame, style }, SWATCH)).img);
    }
    return imgs;
  }

  // {pixels, ms}: for comparing it.
  paintRaw(frame) {
    return this.#call('paint', frame, { raw: true });
  }

  // {img, ms}. One frame is painted at a time and one waits; a newer one takes its place, and both get the newer picture.
  paint(frame) {
    if (this.waits) {
      this.waits.frame = frame;
      return this.waits.picture;
    }
    const waits = { frame };
    this.waits = waits;
    waits.picture = this.running.then(() => {
      this.waits = null;
      return this.#call('paint', waits.frame);
    });
    this.running = waits.picture;
    return waits.picture;
  }

  close(why = 'it was closed') {
    this.worker.terminate();
    for (const { fail, clock } of this.calls.values()) {
      clearTimeout(clock);
      fail(Error(why));
    }
    this.calls.clear();
  }
}
