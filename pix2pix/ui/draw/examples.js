// Examples to start from, and what one sees before anyone has drawn.

import { inWords, t } from '../texts.js';
import { easel } from './easel.js';
import { add } from './history.js';
import { $, props } from './host.js';
import { newCanvas, newPaper } from './paper.js';
import { examples, sampleStrokes } from './samples.js';
import { SIDE } from './strokes.js';
import { labels } from './subject.js';

const SMALL = 160; // pixels
const SVG = 'http://www.w3.org/2000/svg';

const path = (strokes) => strokes.map(({ p }) => `M${p.join(' ')}`).join('');
const outline = (strokes) => {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${SIDE} ${SIDE}`);
  svg.setAttribute('aria-hidden', 'true');
  const lines = svg.appendChild(document.createElementNS(SVG, 'path'));
  lines.setAttribute('d', path(strokes.filter(({ c, f }) => c === 'ink' && !f)));
  return svg;
};
const areas = (strokes) => {
  const paper = newPaper(SMALL);
  paper.draw([{ strokes }]);
  return paper.print(newCanvas(SMALL));
};

const buttonOf = ({ name, strokes }) => {
  const button = Object.assign(document.createElement('button'), { type: 'button', title: inWords(name) });
  button.setAttribute('aria-label', t('example', { name: inWords(name) }));
  button.append(labels() ? areas(strokes) : outline(strokes));
  button.addEventListener('click', () => {
    add({ strokes, fresh: true });
    if ($('.frame').getBoundingClientRect().top < 0) easel.scrollIntoView(); // on a phone the picture is far above
  });
  return button;
};

// For another model.
export const buildExamples = () => {
  const some = examples();
  $('.examples').hidden = !some.length;
  $('.examples h2').textContent = t(labels() ? 'examples_labels' : 'examples');
  const row = $('.examples div');
  row.style.setProperty('--columns', some.length > 15 ? Math.ceil(some.length / 2) : Math.max(some.length, 8));
  row.replaceChildren(...some.map(buttonOf));
};

// Before anyone has drawn: faintly, the first outline and what the network makes of it.
export const showForetaste = () => {
  const own = props.model_name === props.foretaste_of;
  $('.foretaste').hidden = !own;
  $('.foretaste').src = props.foretaste;
  $('.paper .hint path').setAttribute('d', own && !labels() ? path(sampleStrokes()) : '');
};
