// All frames came with the value, so that the slider moves without asking the server.

import { localise, t } from '../texts.js';

export const start = ({ element, props, watch }) => {
  localise(element);
  const $ = (selector) => element.querySelector(selector);
  const slider = $('input');

  function show() {
    const { frames, start, end } = props.value;
    const percent = Math.round((100 * slider.value) / (frames.length - 1));
    $('.frame').src = frames[slider.value];
    $('.frame').alt = t('morph_alt', { start, end, percent });
    slider.setAttribute('aria-valuetext', `${percent}%`);
    for (const [i, image] of [...$('.film').children].entries()) image.classList.toggle('now', i === +slider.value);
  }

  function update() {
    const value = props.value;
    if (!value?.frames) return;
    $('.player').hidden = false;
    slider.max = value.frames.length - 1;
    $('.from').textContent = value.start;
    $('.to').textContent = value.end;
    Object.assign($('a'), { href: value.gif, download: `${value.start}-${value.end}.gif` });
    $('.film').replaceChildren(
      ...value.frames.map((src, i) => {
        const image = Object.assign(new Image(28, 28), { src, alt: '' });
        image.onclick = () => {
          slider.value = i;
          show();
        };
        return image;
      }),
    );
    show();
  }
  slider.addEventListener('input', show);
  watch('value', update);
  update();
};
