// Styles: which one the drawing is painted in, and what they are called.

import { TEXTS } from '../data.js';
import { t } from '../texts.js';
import { drawing } from './easel.js';
import { props } from './host.js';

export const same = (a, b) => String(a) === String(b);
export const styleNow = () => {
  const count = props.model_styles.length;
  const style = drawing.steps.findLast((step) => step.style != null)?.style ?? drawing.firstStyle;
  return count ? (Array.isArray(style) ? style : style % count) : null;
};
export const shuffled = (list) =>
  list
    .map((x) => [Math.random(), x])
    .sort(([a], [b]) => a - b)
    .map(([, x]) => x);
// One of the others, at random.
export const others = () => shuffled(props.model_styles.map((_, i) => i).filter((i) => !same(i, styleNow())));

// A new drawing starts in a style of its own; what is drawn first says in which, so that undo leads back to it.
export const dressed = (step) => {
  if (!props.model_styles.length || step.style != null) return step;
  if (step.fresh) step.style = others()[0] ?? 0;
  else if (!drawing.steps.some(({ style }) => style != null)) step.style = styleNow();
  return step;
};

// The names come from the checkpoint; words that are known are said in the visitor's language.
export const nameOf = (style) => {
  if (Array.isArray(style)) return t('style_photo');
  const words = props.model_styles[style].split(', ').map((word) => {
    const [, known, number = ''] = /^(.*?)( \d+)?$/s.exec(word); // "smooth 2"
    return TEXTS[`word_${known}`] ? t(`word_${known}`) + number : word;
  });
  return words.join(t('comma'));
};
