// All snapshots came with the value, so that the slider moves without asking the server. Each row is a
// sheet of squares; each square of a column is a window on its sheet.

import { LANG, t } from '../texts.js';

export const start = ({ element, props, watch }) => {
  const $ = (selector) => element.querySelector(selector);
  const films = $('.films');
  const slider = $('input');

  function show() {
    const { seen, src } = props.value.snapshots[slider.value];
    const n = seen.toLocaleString(LANG);
    films.style.setProperty('--painted', `url(${src})`);
    films.setAttribute('aria-label', t('inside_time_alt', { n }));
    $('.seen').textContent = t('inside_time_seen', { n });
    slider.setAttribute('aria-valuetext', $('.seen').textContent);
  }

  function update() {
    const value = props.value;
    if (!value) return;
    $('.time').hidden = Boolean(value.message);
    $('.note').hidden = !value.message;
    $('.note').textContent = value.message || '';
    if (value.message) return;
    const rows = [
      ['inputs', value.inputs],
      ['painted', true],
      ['targets', value.targets],
    ].filter(([, src]) => src);
    for (const [name, src] of rows) if (src !== true) films.style.setProperty(`--${name}`, `url(${src})`);
    films.style.setProperty('--columns', value.columns);
    films.replaceChildren(
      ...Array.from({ length: value.columns }, (_, column) => {
        const strip = document.createElement('div');
        for (const [name] of rows) {
          const square = document.createElement('span');
          square.style.backgroundImage = `var(--${name})`;
          square.style.backgroundPosition = `${(100 * column) / Math.max(1, value.columns - 1)}% 0`;
          strip.append(square);
        }
        return strip;
      }),
    );
    slider.max = value.snapshots.length - 1;
    slider.value = slider.max;
    show();
  }
  slider.addEventListener('input', show);
  watch('value', update);
  update();
};
