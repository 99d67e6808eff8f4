// Example outlines, and what one sees before anyone has drawn.

import { EXAMPLES } from '../data.js';
import { LANG, t } from '../texts.js';
import { easel } from './easel.js';
import { add } from './history.js';
import { $, props } from './host.js';
import { SIDE } from './strokes.js';

const path = (strokes) => strokes.map(({ p }) => `M${p.join(' ')}`).join('');
const outline = (strokes) => `<svg viewBox="0 0 ${SIDE} ${SIDE}" aria-hidden="true"><path d="${path(strokes)}"/></svg>`;
// Before anyone has drawn: faintly, the first outline and what the network makes of it.
if (props.foretaste_of) {
  $('.paper .hint path').setAttribute('d', path(EXAMPLES[0].strokes));
  $('.paper .hint b').textContent = t('paper_hint_bag');
}
$('.foretaste').src = props.foretaste;
$('.examples div').replaceChildren(
  ...EXAMPLES.map(({ name, strokes }) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', innerHTML: outline(strokes) });
    button.title = name[LANG];
    button.setAttribute('aria-label', t('example', { name: name[LANG] }));
    button.addEventListener('click', () => {
      add({ strokes, fresh: true });
      if ($('.frame').getBoundingClientRect().top < 0) easel.scrollIntoView(); // on a phone the picture is far above
    });
    return button;
  }),
);
