// Asks the server only when the section is on screen and the drawing or the model has changed since.

import { localise } from '../texts.js';

export const start = ({ element, trigger, event }) => {
  localise(element);
  let stale = true;
  let visible = false;
  let timer;
  const ask = (wait = 150) => {
    clearTimeout(timer);
    if (stale && visible)
      timer = setTimeout(() => {
        stale = false;
        trigger(event);
      }, wait);
  };
  // The last entry: on a busy page several moves in and out of sight come at once.
  new IntersectionObserver(
    (entries) => {
      visible = entries.at(-1).isIntersecting;
      ask();
    },
    { rootMargin: '100px' },
  ).observe(element);
  window.addEventListener('inside:stale', () => {
    stale = true;
    ask();
  });
  // The server was busy, say.
  element.closest('.inside-section').addEventListener('inside:failed', () => {
    stale = true;
    ask(3000);
  });
};
