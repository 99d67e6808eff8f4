// What comes from the page around: its size, the model, pictures from Python.

import { t } from '../texts.js';
import { forget } from './device.js';
import { canvas, drawing, easel, proof, screen, sheet, small, tools } from './easel.js';
import { touch } from './encode.js';
import { add } from './history.js';
import { $, props, watch } from './host.js';
import { imageStep, loaded } from './images.js';
import { painter } from './picture.js';
import { buildStyles } from './styles.js';
import { showTool, take } from './toolbar.js';

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

export const useModel = () => {
  for (const c of [proof, $('.before')]) c.width = c.height = props.model_size;
  small.resize(props.model_size);
  forget();
  easel.classList.toggle('hintless', !props.model_hints); // coloured pens are of no use to it
  $('.how').textContent = t(!props.model_hints ? 'how_lines' : props.model_styles.length ? 'how_styles' : 'how');
  if (!props.model_hints) {
    tools.ink = 'ink';
    take(tools.taken === 'erase' ? 'erase' : 'ink');
  }
  easel.classList.toggle('styleless', !props.model_styles.length);
  if (!props.model_styles.length && tools.hue.startsWith('#')) {
    tools.hue = 'red';
    take(tools.taken.startsWith('#') ? 'ink' : tools.taken);
  }
  buildStyles();
  $('.foretaste').hidden = props.model_name !== props.foretaste_of;
  small.draw(drawing.steps, drawing.stroke);
  touch();
  painter.overtake();
};
watch(['model_name', 'model_size', 'model_where', 'model_hints', 'model_styles', 'model_upscales'], useModel);
watch('value', () => {
  if (!String(props.value).startsWith('data:image/')) return;
  loaded(props.value).then((image) => add(imageStep(image)));
});
