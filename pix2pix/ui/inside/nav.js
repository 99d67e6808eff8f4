// Buttons, not links: the address belongs to the drawing. They jump at once, for a smooth scroll would wake every
// section it passes, and miss its goal while those grow.

import { localise } from '../texts.js';

export const start = ({ element }) => {
  localise(element);
  for (const button of element.querySelectorAll('button'))
    button.addEventListener('click', () =>
      document.getElementById(button.dataset.to)?.scrollIntoView({ block: 'start' }),
    );
};
