// Only the newest drawing counts. While the pen moves, a frame is on its way, and the next one leaves when the
// server should be done with it: then a long way costs no pictures, nothing queues, and a slow server lowers the
// rate instead of building up lag. Two are under way at most; a third one only overtakes them.
//
//   frame()             the payload to send, or null while there is nothing to paint
//   ask(payload, turn)  -> Promise of {img, ms} or {error}; frames of a later turn overtake those of earlier ones
//   show(answer)        an answer, or null for an empty drawing; a Promise if that takes time
//   state(name)         'idle' | 'busy' | 'offline' | 'refused'
export const newestOnly = ({ frame, ask, show, state }) => {
  const PATIENCE = 20000;
  const FIRST_WAIT = 250;
  const LONGEST_WAIT = 2000;
  let dirty = false; // the drawing has changed since the last frame left
  let sent = 0;
  let oldest = 1; // numbers of frames: the last that left, and the first that is still of use
  let flying = 0;
  let free = true; // free: the server should be done with the last frame
  let turn = 0;
  let pace = PATIENCE;
  let wait = FIRST_WAIT;
  let wake = null;
  let shown = Promise.resolve();
  const pause = (ms) =>
    new Promise((go) => {
      wake = go;
      setTimeout(go, ms);
    });
  const within = (promise) => Promise.race([promise, new Promise((go) => setTimeout(go, PATIENCE))]);

  const next = () => dirty && free && flying < 2 && !wake && send();

  const send = async () => {
    const number = ++sent;
    const payload = frame();
    const done = () => {
      free ||= number === sent;
      next();
    };
    dirty = false;
    if (!payload) {
      oldest = number;
      free = true;
      return bring(null, number);
    }
    state('busy');
    flying++;
    free = false;
    setTimeout(done, pace);
    // A server function that failed answers `undefined`, a lost connection rejects.
    const answer = await within(ask(payload, turn)).catch(() => undefined);
    flying--;
    if (number >= oldest) take(answer, number);
    done();
  };

  const take = (answer, number) => {
    // Too many pages draw, or a model is being loaded: nothing of this page is kept there.
    const crowded = ['frame_busy', 'frame_loading'].includes(answer?.error);
    if (!answer || crowded) {
      dirty = true; // the newest drawing then, not this one
      state(crowded ? 'refused' : 'offline', answer?.error);
      return rest();
    }
    wait = FIRST_WAIT;
    wake?.();
    oldest = number;
    if (answer.error) return state('refused', answer.error);
    pace = answer.ms;
    bring(answer, number);
  };

  // One after the other to the screen, without those that newer ones have made useless meanwhile.
  const bring = (answer, number) => {
    shown = shown.then(async () => {
      if (number < oldest) return;
      await show(answer);
      if (number === sent && !dirty) state('idle');
    });
  };

  const rest = async () => {
    if (wake) return;
    const length = wait;
    wait = Math.min(2 * wait, LONGEST_WAIT);
    await pause(length);
    wake = null;
    next();
  };

  return {
    // Grows whenever a frame leaves.
    get sent() {
      return sent;
    },
    // The network is back: no need to wait any longer.
    wake: () => wake?.(),
    // The drawing grew: paint it as soon as the server is free.
    refresh() {
      dirty = true;
      next();
    },
    // The pen is up, or the drawing or the model is another one: what is on its way is of no use any more.
    overtake() {
      dirty = true;
      oldest = sent + 1;
      turn++;
      if (flying < 3) send();
    },
  };
};

// Pictures per second over the last second of work.
export const rateMeter = () => {
  let times = [];
  return () => {
    const now = performance.now();
    if (times.length && now - times.at(-1) > 400) times = []; // the pen rested
    times.push(now);
    while (now - times[0] > 1000) times.shift();
    return times.length > 2 ? Math.round((1000 * (times.length - 1)) / (now - times[0])) : null;
  };
};
