// Only the newest drawing counts. One frame is on its way at any time; when its answer is there and the
// drawing has changed since, the newest goes next. So nothing queues, and a slow server lowers the rate
// instead of building up lag.
//
//   frame()          the payload to send, or null while there is nothing to paint
//   ask(payload)     -> Promise of {img, ms} or {error}
//   show(answer)     an answer, or null for an empty drawing
//   state(name)      'idle' | 'busy' | 'offline' | 'refused'
const newestOnly = ({ frame, ask, show, state }) => {
  let dirty = false, running = false, epoch = 0, wake = null;
  const PATIENCE = 20000, FIRST_WAIT = 250, LONGEST_WAIT = 2000;
  const pause = (ms) => new Promise((go) => ((wake = go), setTimeout(go, ms)));
  const within = (promise) => Promise.race([promise, new Promise((go) => setTimeout(go, PATIENCE))]);

  const run = async () => {
    running = true;
    let wait = FIRST_WAIT;
    while (dirty) {
      dirty = false;
      const payload = frame(), asked = epoch;
      if (!payload) {
        await show(null);
        state('idle');
        continue;
      }
      state('busy');
      // A server function that failed answers `undefined`, a lost connection rejects.
      const answer = await within(ask(payload)).catch(() => undefined);
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
      if (asked !== epoch) continue; // of a drawing or a model that is no more
      if (answer.error) state('refused', answer.error);
      else {
        await show(answer);
        if (!dirty) state('idle');
      }
    }
    running = false;
  };

  addEventListener('online', () => wake?.());
  return {
    // The drawing grew: paint it as soon as the server is free.
    refresh() {
      dirty = true;
      if (!running) run();
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
