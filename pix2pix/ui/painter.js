// Only the newest drawing counts. While the pen moves, one frame is on its way; when its answer is there and
// the drawing has changed since, the newest goes next. So nothing queues, and a slow server lowers the rate
// instead of building up lag. When the pen goes up, the last frame overtakes the one on its way.
//
//   frame()          the payload to send, or null while there is nothing to paint
//   ask(payload)     -> Promise of {img, ms} or {error}
//   show(answer, wanted)   an answer, or null for an empty drawing; wanted() tells whether it still is
//   state(name)      'idle' | 'busy' | 'offline' | 'refused'
const newestOnly = ({ frame, ask, show, state }) => {
  let dirty = false, running = false, runs = 0, flying = 0, epoch = 0, wake = null;
  const PATIENCE = 20000, FIRST_WAIT = 250, LONGEST_WAIT = 2000;
  const pause = (ms) => new Promise((go) => ((wake = go), setTimeout(go, ms)));
  const within = (promise) => Promise.race([promise, new Promise((go) => setTimeout(go, PATIENCE))]);

  const run = async () => {
    const number = ++runs, newest = () => number === runs; // a later run overtakes this one
    running = true;
    let wait = FIRST_WAIT, shown = Promise.resolve();
    while (dirty && newest()) {
      dirty = false;
      const payload = frame(), asked = epoch, wanted = () => newest() && asked === epoch;
      if (!payload) {
        await shown;
        await show(null, wanted);
        state('idle');
        continue;
      }
      state('busy');
      // A server function that failed answers `undefined`, a lost connection rejects.
      flying++;
      const answer = await within(ask(payload)).catch(() => undefined);
      flying--;
      if (!newest()) return;
      const crowded = answer?.error === 'frame_busy'; // too many pages draw: nothing of this one is kept there
      if (!answer || crowded) {
        dirty = true; // the newest drawing then, not this one
        if (crowded) state('refused', answer.error);
        else state('offline');
        await pause(wait);
        wait = Math.min(2 * wait, LONGEST_WAIT);
        continue;
      }
      wait = FIRST_WAIT;
      if (!wanted()) continue; // of a drawing or a model that is no more
      if (answer.error) {
        state('refused', answer.error);
        continue;
      }
      shown = shown.then(() => show(answer, wanted));
      if (dirty) continue; // the next one is painted while this one is brought to the screen
      await shown;
      if (!dirty && newest()) state('idle');
    }
    if (newest()) running = false;
  };

  addEventListener('online', () => wake?.());
  return {
    // The drawing grew: paint it as soon as the server is free.
    refresh() {
      dirty = true;
      if (!running) run();
    },
    // The pen is up: this frame waits for no answer, unless two are on their way already.
    hurry() {
      dirty = true;
      if (flying < 2) run();
    },
    // The drawing or the model is another one: what is on its way must not be shown.
    restart() {
      epoch++;
      this.refresh();
    },
  };
};

// Pictures per second over the last second of work.
const rateMeter = () => {
  let times = [];
  return () => {
    const now = performance.now();
    if (times.length && now - times.at(-1) > 400) times = []; // the pen rested
    times.push(now);
    while (now - times[0] > 1000) times.shift();
    return times.length > 2 ? Math.round((1000 * (times.length - 1)) / (now - times[0])) : null;
  };
};
