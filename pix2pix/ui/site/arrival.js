// How far the network's way to the device is, in the picture's place: what has come, or why it stays away.

import { t } from '../texts.js';

const MB = 1e6;
const megabytes = (bytes) => Math.round(bytes / MB) || (bytes / MB).toFixed(1);

// Gives the function that is told of it (see network.js); `start` is what its button does.
export const newArrival = (frame, start) => {
  const card = Object.assign(document.createElement('div'), { className: 'arrival', hidden: true });
  const words = document.createElement('p');
  const bar = document.createElement('progress');
  const button = Object.assign(document.createElement('button'), { type: 'button' });
  bar.setAttribute('aria-label', t('site_network'));
  button.addEventListener('click', start);
  card.append(words, bar, button);
  frame.append(card);
  return ({ come, all, problem, ask }) => {
    const loads = come !== undefined;
    card.hidden = !loads && !problem && !ask;
    if (card.hidden) return;
    if (loads)
      words.textContent = t(come < all ? 'site_coming' : 'site_starting', {
        come: megabytes(come),
        all: megabytes(all),
      });
    else words.textContent = problem ? t(problem) : t('site_ask', { all: megabytes(ask) });
    Object.assign(bar, { hidden: !loads, max: all ?? 1, value: come ?? 0 });
    button.hidden = loads || problem === 'site_no_simd';
    button.textContent = t(problem ? 'site_again' : 'site_get');
  };
};
