// Who paints: the server, or the visitor's device, once it has shown that it paints the same and faster.

import { Clock, hasCard, hopeless, LEAST_PSNR, metered, psnr } from '../device/trial.js';
import { t } from '../texts.js';
import { drawing, proof, small } from './easel.js';
import { huesOf, inkOf } from './encode.js';
import { $, props, server, watch } from './host.js';
import { pixelsOfImage } from './images.js';
import { say } from './messages.js';
import { isBlank, newCanvas, newPaper, pixelsOf } from './paper.js';
import { sampleStrokes } from './samples.js';
import { labels } from './subject.js';
import { ACTIONS } from './toolbar.js';

const CHOICE = 'pix2pix.device',
  AGAIN = 5000,
  TRIALS = 3,
  MUCH_SLOWER = 1.5;

let facts = null; // what the server says of the model (device/exports.py)
let attempt = 0; // number of the last one; those before it are given up
let begun = false,
  loading = false,
  unfit = null; // why the device does not paint, where it was tried
let device = null,
  gpu = false,
  here = new Clock(); // `here`: milliseconds a picture
let there = new Clock(); // of the server's whole answer
export let paintsHere = false;

// --- What the visitor wants ---

const stored = (act) => {
  try {
    return act(localStorage);
  } catch {} // it may be blocked
};
const allowed = () => {
  const choice = stored((storage) => storage.getItem(CHOICE));
  return choice === 'on' || (choice !== 'off' && !metered());
};

const tell = () => {
  const who = paintsHere ? t(gpu ? 'device_card' : 'device_processor') : loading ? t('device_loading') : null;
  const where = unfit ? `${props.model_where} · ${unfit}` : props.model_where;
  $('.where').textContent = who ? t('device_where', { name: props.model_name, who }) : where;
  const toggle = $('[data-do=device]');
  toggle.hidden = !facts;
  toggle.title = t('device_help');
  toggle.setAttribute('aria-pressed', allowed());
  if (facts) toggle.textContent = t('device_switch', { mb: Math.max(1, Math.round(facts.bytes / 1e6)) });
};

const slower = () => {
  const [ours, theirs] = [here, there].map((clock) => Math.round(clock.typical()));
  return t('device_slower', { ours, theirs });
};

const giveUp = (why = null) => {
  attempt++;
  device?.close();
  device = null;
  paintsHere = loading = false;
  unfit = why;
  tell();
};
watch('model_where', tell);

// For another model.
export const forget = () => {
  facts = null;
  begun = false;
  there = new Clock();
  giveUp();
};

Object.assign(ACTIONS, {
  device: () => {
    stored((storage) => storage.setItem(CHOICE, allowed() ? 'off' : 'on'));
    begun = false;
    giveUp();
    consider();
  },
});

// --- Frames ---

const pixelsOn = (paper, canvas) => ({
  drawing: pixelsOf(paper.print(canvas, [paper.layers[0]]).getContext('2d')),
  hints: isBlank(paper.layers[1]) ? null : pixelsOf(paper.layers[1]),
});
const numbersOf = (style) => (style === null ? null : Array.isArray(style) ? style : facts.styles[style]);

export const frameHere = (style) => ({ ...pixelsOn(small, proof), style: numbersOf(style) });

const failed = (mine) => {
  if (device !== mine) return;
  giveUp();
  calm().then(() => say(t('device_failed'))); // the end of a stroke would wipe it
};

// {img, ms}; undefined where the device failed: the server paints from now on.
export const paintHere = async (frame) => {
  const mine = device;
  try {
    const start = performance.now(),
      answer = await mine.paint(frame);
    here.note(performance.now() - start);
    if (here.typical(5) > MUCH_SLOWER * there.typical()) giveUp(slower());
    return answer;
  } catch {
    failed(mine);
  }
};

// What is on a paper, small and in several styles, as the server's `sample` gives it.
export const sampleHere = async (paper, canvas, styles) => {
  const mine = device;
  const unless = () => Boolean(drawing.stroke) || device !== mine;
  try {
    return { imgs: await mine.paintStyles(pixelsOn(paper, canvas), styles.map(numbersOf), unless) };
  } catch {
    failed(mine);
  }
};

export const noteServer = (ms) => there.note(ms);

// --- The trial ---

const calm = async () => {
  while (drawing.stroke) await new Promise((go) => setTimeout(go, 200));
};

const askFacts = async (name) => {
  for (;;) {
    const answer = await Promise.resolve(server.device({ model: name })).catch(() => undefined);
    if (name !== props.model_name || !answer?.wait) return answer?.network ? answer : null;
    await new Promise((go) => setTimeout(go, AGAIN));
  }
};

// An example in a style of its own; some have a stroke of colour.
const trialOf = async (i) => {
  const { model_size: size, model_styles: styles, model_hints: hints } = props;
  const steps = [{ strokes: sampleStrokes(i) }];
  if (hints && i && !labels()) steps.push({ strokes: [{ c: 'red', w: 24, m: 0, p: [200, 300, 260, 340, 320, 300] }] });
  const paper = newPaper(size),
    canvas = newCanvas(size),
    style = styles.length ? i % styles.length : null;
  paper.draw(steps);
  const payload = { image: inkOf(paper, canvas), hints: huesOf(paper), style, model: props.model_name };
  return { payload, frame: { ...pixelsOn(paper, canvas), style: numbersOf(style) } };
};

const tryOut = async () => {
  const trials = [];
  for (let i = 0; i < TRIALS; i++) trials.push(await trialOf(i));
  for (const { payload, frame } of trials) {
    await calm();
    const start = performance.now(),
      { img } = await server.paint({ ...payload, lossless: true });
    there.note(performance.now() - start);
    const { pixels } = await device.paintRaw(frame);
    if (!(psnr(pixels, await pixelsOfImage(img, props.model_size)) >= LEAST_PSNR))
      throw Error('it paints other pictures');
  }
  here = new Clock();
  for (const { frame } of trials) {
    await calm();
    const start = performance.now();
    await device.paint(frame);
    here.note(performance.now() - start);
  }
};

const begin = async () => {
  const mine = attempt;
  facts ??= await askFacts(props.model_name);
  if (mine !== attempt) return;
  gpu = await hasCard();
  tell();
  if (!facts || !allowed() || hopeless(facts.bytes, gpu, there.typical()) || mine !== attempt) return;
  loading = true;
  tell();
  const { Device } = await import('../device/device.js');
  if (mine !== attempt) return;
  device = new Device();
  const { module, wasm, provider } = facts.runtimes[gpu ? 'webgpu' : 'wasm'];
  const [network, ...runtime] = [facts.network, module, wasm].map((address) => new URL(address, document.baseURI).href);
  await device.load({ network, runtime: { module: runtime[0], wasm: runtime[1], provider }, model: facts.model });
  await tryOut();
  if (mine !== attempt) return;
  loading = false;
  if (!(here.typical() < there.typical())) return giveUp(slower());
  paintsHere = true;
  tell();
};

// Once the first picture is there. Where it goes wrong, the server goes on.
export const consider = async () => {
  if (begun || !props.on_device) return;
  begun = true;
  const mine = attempt;
  try {
    await begin();
  } catch (error) {
    console.info(`This device does not paint: ${error.message}`);
    if (mine === attempt) giveUp(t('device_unfit'));
  }
};
