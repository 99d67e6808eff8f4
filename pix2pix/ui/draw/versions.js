// The four versions that a surprise offers, in the picture's place.

import { drawing, easel } from './easel.js';
import { $ } from './host.js';
import { ACTIONS } from './toolbar.js';

let wasSmall = false; // on a phone the four versions get the full width for a while

export const openVersions = (...content) => {
  $('.versions').replaceChildren(...content);
  if (!$('.versions').hidden) return;
  $('.versions').hidden = false;
  wasSmall = !easel.classList.contains('enlarged');
  if (wasSmall) ACTIONS.enlarge();
};
// Not under a pen that draws: the paper would move away from it.
export const shrink = () => {
  if (!wasSmall || drawing.stroke || !$('.versions').hidden) return;
  wasSmall = false;
  if (easel.classList.contains('enlarged')) ACTIONS.enlarge();
};
export const closeVersions = () => {
  const versions = $('.versions');
  if (versions.hidden) return;
  if (versions.contains(document.activeElement)) $('[data-do=surprise]').focus({ preventScroll: true });
  versions.hidden = true;
  shrink();
};
