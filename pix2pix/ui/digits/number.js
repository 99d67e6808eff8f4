import { localise, t } from '../texts.js';

export const start = ({ element, props, watch }) => {
  localise(element);
  const $ = (selector) => element.querySelector(selector);

  function update() {
    const { src, text, width, height, bad } = props.value || {};
    $('figure').hidden = !src;
    $('.note').hidden = !bad;
    $('.note').textContent = bad ? t('number_bad', bad) : '';
    if (!src) return;
    Object.assign($('img'), { src, width, height, alt: t('number_alt', { text }) });
    $('img').style.width = `${3 * width}px`;
    Object.assign($('a'), { href: src, download: `${text}.png` });
  }
  watch('value', update);
  update();
};
