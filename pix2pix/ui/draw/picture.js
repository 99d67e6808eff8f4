// From drawing to picture.

import { t } from '../texts.js';
import { consider, frameHere, noteServer, paintHere, paintsHere } from './device.js';
import { drawing, easel, emit, message, picture, small } from './easel.js';
import { drawn } from './encode.js';
import { $, props, server } from './host.js';
import { say, worded } from './messages.js';
import { newestOnly, rateMeter } from './painter.js';
import { styleNow } from './style.js';

const PAGE = Math.random().toString(36).slice(2); // so that the server knows which frames overtake which

const meter = rateMeter();
let rate = null;
let figuresAt = 0;

const figures = (ms) => {
  rate = !drawing.stroke && drawing.steps.at(-1)?.fresh ? null : (meter() ?? rate); // a picture alone, as of an example, has none
  if (performance.now() - figuresAt < 250 && drawing.stroke) return; // legible, not flickering
  figuresAt = performance.now();
  const parts = [t('stat_time', { ms: Math.round(ms) })];
  if (rate) parts.push(t('stat_rate', { rate }));
  $('.figures').textContent = parts.join(' · ');
};

export const frame = () => (drawing.inked ? { ...drawn(), style: styleNow(), model: props.model_name } : null);

const show = async (answer) => {
  easel.classList.toggle('painted', Boolean(answer));
  $('.compare').hidden = picture.hidden = !answer;
  if (!answer) return compare(0);
  // The old picture stays until the new one is loaded; decoded with the next frame (`decoding="sync"`) it is there.
  // Image.decode() would cost a frame more.
  picture.src = answer.img;
  await new Promise((done) => (picture.onload = picture.onerror = done));
  if ($('.compare').value !== '0') small.print($('.before'));
  figures(answer.ms);
  consider();
};

const askServer = async (payload, turn) => {
  const start = performance.now(),
    answer = await server.paint({ ...payload, page: PAGE, turn });
  if (answer && !answer.error) noteServer(performance.now() - start);
  return answer;
};
// Where the device fails, the server gets the drawing as it is by now.
const ask = async (payload, turn) => {
  if (!payload.drawing) return askServer(payload, turn);
  return (await paintHere(payload)) ?? (drawing.inked ? askServer(frame(), turn) : undefined);
};

export const painter = newestOnly({
  frame: () => (paintsHere && drawing.inked ? frameHere(styleNow()) : frame()),
  show,
  ask,
  state(name, problem) {
    easel.dataset.state = name;
    if (name === 'offline' || name === 'refused') say(worded(problem ?? name), true);
    else if (message.dataset.state === 'offline' || message.dataset.state === 'refused') say('');
    message.dataset.state = name;
    emit(name === 'idle' ? 'idle' : 'busy');
    $('.heard').textContent =
      name === 'idle' && !drawing.stroke && easel.classList.contains('painted') ? t('painted') : '';
  },
});
addEventListener('online', painter.wake);

// --- The drawing, laid over the picture ---

const compare = (percent) => {
  $('.compare').value = percent;
  $('.frame').style.setProperty('--cut', percent / 100);
  $('.frame').classList.toggle('comparing', percent > 0);
  small.print($('.before'));
};
$('.compare').addEventListener('input', ({ target }) => compare(Number(target.value)));
