// A photo becomes strokes: the server traces its outline, and as long as that is the last step a slider sets how much
// of the photo's detail is in it.

import { t } from '../texts.js';
import { drawing, on } from './easel.js';
import { add, liftPen } from './history.js';
import { $, server } from './host.js';
import { asked, say } from './messages.js';
import { simplify } from './simplify.js';

const TRACED_WIDTH = 3;
const stepOf = (lines) => ({
  fresh: true,
  strokes: lines.map((p) => ({ c: 'ink', w: TRACED_WIDTH, m: 0, p: simplify(p) })),
});

const tracer = $('.tracer');
const detail = $('.tracer input');
let traced = null; // the photo, and the step that is its outline

const showTracer = () => {
  tracer.hidden = !traced || traced.step !== drawing.steps.at(-1);
};

const linesOf = async (photo) => {
  const answer = await asked(server.trace({ image: photo.toDataURL(), detail: Number(detail.value) / 100 }));
  if (answer && !answer.strokes.length) say(t('trace_nothing'));
  return answer?.strokes ?? [];
};

// `instead`: the step that the outline takes the place of, if that is still the last one.
const put = (photo, lines, instead) => {
  if (!lines.length) return;
  liftPen();
  if (instead && drawing.steps.at(-1) === instead) drawing.steps.pop();
  traced = { photo, step: { ...stepOf(lines), style: instead?.style } };
  add(traced.step);
};

export const trace = async (photo, instead) => {
  detail.value = 50;
  say(t('tracing'), true);
  put(photo, await linesOf(photo), instead);
};

let tracing = false;
let again = false;
const retrace = async () => {
  again = tracing;
  if (tracing) return;
  tracing = true;
  const { photo, step } = traced;
  const lines = await linesOf(photo);
  tracing = false;
  if (drawing.steps.at(-1) === step) put(photo, lines, step);
  if (again && !tracer.hidden) retrace();
};
detail.addEventListener('input', retrace);

on('tidy', showTracer);
