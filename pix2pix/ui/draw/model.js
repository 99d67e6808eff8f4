// What comes from the page around: its size, the model, pictures from Python.

import { t } from '../texts.js';
import { showChoice } from './choices.js';
import { forget } from './device.js';
import { canvas, drawing, easel, proof, screen, sheet, small, tools } from './easel.js';
import { touch } from './encode.js';
import { showForetaste } from './examples.js';
import { add, liftPen, redraw } from './history.js';
import { $, props, watch } from './host.js';
import { imageStep, loaded } from './images.js';
import { painter } from './picture.js';
import { unshelve } from './shelf.js';
import { buildStyles } from './styles.js';
import { labels, subject } from './subject.js';
import { showTool, take } from './toolbar.js';
import { useSubject } from './topic.js';

const fit = () => {
  const pixels = Math.round(sheet.clientWidth * devicePixelRatio);
  if (!pixels || canvas.width === pixels) return; // hidden behind another tab
  $('.colour').width = canvas.width = pixels;
  screen.resize(pixels);
  screen.draw(drawing.steps, drawing.stroke);
  showTool();
};
new ResizeObserver(fit).observe(sheet);
// On another screen the same size may have more pixels.
const onScreen = () => {
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', onScreen, { once: true });
  fit();
};
onScreen();

const howTo = () => {
  if (labels()) return t('how_labels');
  return t(!props.model_hints ? 'how_lines' : props.model_styles.length ? 'how_styles' : 'how');
};

export const useModel = () => {
  liftPen(); // the stroke is still one of what was drawn before
  const another = unshelve();
  useSubject();
  for (const c of [proof, $('.before')]) c.width = c.height = props.model_size;
  small.resize(props.model_size);
  forget();
  const hintless = !props.model_hints && !labels(); // coloured pens are of no use to it
  easel.classList.toggle('hintless', hintless);
  $('.how').textContent = howTo();
  if (hintless) {
    tools.ink = 'ink';
    take(tools.taken === 'erase' ? 'erase' : 'ink');
  }
  easel.classList.toggle('styleless', !props.model_styles.length);
  if (!props.model_styles.length && !subject().palette.length && tools.hue.startsWith('#')) {
    tools.hue = 'red';
    take(tools.taken.startsWith('#') ? 'ink' : tools.taken);
  }
  buildStyles();
  showForetaste();
  for (const paper of [screen, small]) paper.renew(drawing.steps);
  touch();
  painter.overtake();
  if (another) redraw();
  showChoice();
};
watch(['model_name', 'model_size', 'model_hints', 'model_styles', 'model_upscales', 'model_subject'], useModel);
watch('value', () => {
  if (!String(props.value).startsWith('data:image/')) return;
  loaded(props.value).then((image) => add(imageStep(image)));
});
