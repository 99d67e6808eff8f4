// The tab of digits: samples of one class, a written number, one style in every class, and morphs. The components are
// those of ui/digits/; there stands what Gradio does here.

import { start as gallery } from '../digits/gallery.js';
import { start as morph } from '../digits/morph.js';
import { start as number } from '../digits/number.js';
import { t } from '../texts.js';
import { newArrival } from './arrival.js';
import { choice, make, panel, prose, seed, slider, text } from './controls.js';
import { gif } from './gif.js';
import { Network } from './network.js';
import { newWriter } from './writer.js';

const STEPS = 24,
  ENLARGED = 6,
  FRAME_MS = 60,
  END_MS = 500,
  LONGEST_TEXT = 32,
  MOST_CLASSES = 52, // on a page of styles
  WIDEST = 13; // pictures side by side

const canvasOf = (images) => {
  const side = images[0].width;
  const canvas = make('canvas', { width: side * images.length, height: side });
  for (const [i, image] of images.entries()) canvas.getContext('2d').putImageData(image, i * side, 0);
  return canvas;
};
const urlOf = (image) => canvasOf([image]).toDataURL();
const larger = (image) => {
  const side = ENLARGED * image.width;
  const g = make('canvas', { width: side, height: side }).getContext('2d', { willReadFrequently: true });
  g.imageSmoothingQuality = 'high';
  g.drawImage(canvasOf([image]), 0, 0, side, side);
  return g.getImageData(0, 0, side, side);
};
// There and back, with a pause at both ends.
const animation = (images) => {
  const large = images.map(larger);
  const frame = (image, i) => ({ image, ms: i === 0 || i === images.length - 1 ? END_MS : FRAME_MS });
  return gif([
    ...large.map(frame),
    ...large
      .slice(1, -1)
      .reverse()
      .map((image) => ({ image, ms: FRAME_MS })),
  ]);
};

const lengthOfParts = (total, most) => Math.ceil(total / Math.ceil(total / most));

// Calls `show` now and when a control changes; of several answers the newest is shown.
const section = (key, controls, paper, show) => {
  let asked = 0;
  const refresh = async () => {
    if (controls.some(({ value }) => Number.isNaN(value()))) return;
    const mine = ++asked;
    const value = await show(...controls.map((control) => control.value())).catch(() => undefined);
    if (value && mine === asked) paper.set({ value });
  };
  for (const { input } of controls) input.addEventListener('input', refresh);
  const left = make('div', {}, ...prose(key), ...controls.map(({ field }) => field));
  return { element: make('section', { className: 'digits-section' }, left, make('div', {}, paper.element)), refresh };
};

const samples = (writer, { classes, kind }) => {
  const words = kind === 'pictures' ? 'gallery_pictures' : 'gallery';
  const paper = panel('gallery', gallery, { value: [], words, columns: 8, narrow: 4, file: `${kind}.png` });
  const controls = [
    choice('digit', t(`class_${kind}`), classes, Math.min(3, classes.length - 1)),
    slider('count', t('count'), 64, 16),
    seed('seed', t('seed'), t(kind === 'pictures' ? 'make' : 'write')),
  ];
  const part = section(`samples_${kind}`, controls, paper, async (label, count, from) => {
    const images = await writer.samples(Array(count).fill(label), from);
    return [images.map((image, i) => ({ src: urlOf(image), alt: `${classes[label]} (${i + 1})` }))];
  });
  part.element.firstChild.append(make('p', { className: 'quiet', textContent: t('samples_how') }));
  return part;
};

const written = (writer, { classes, kind }) => {
  const example = [...'2026'].every((letter) => classes.includes(letter)) ? '2026' : classes.slice(0, 5).join('');
  const names = classes.length > 20 ? `${classes.slice(0, 20).join(' ')} … (${classes.length})` : classes.join(' ');
  const controls = [text('number', t('number_field'), example), seed('number-seed', t('seed'), t('roll'))];
  return section(`write_${kind}`, controls, panel('number', number, {}), async (typed, from) => {
    const letters = [...typed.trim().normalize('NFKC')];
    const good =
      letters.length && letters.length <= LONGEST_TEXT && letters.every((letter) => classes.includes(letter));
    if (!good) return { bad: { most: LONGEST_TEXT, names } };
    const canvas = canvasOf(
      await writer.samples(
        letters.map((letter) => classes.indexOf(letter)),
        from,
      ),
    );
    return { src: canvas.toDataURL(), text: letters.join(''), width: canvas.width, height: canvas.height };
  });
};

const styles = (writer, { classes }) => {
  const size = lengthOfParts(classes.length, MOST_CLASSES);
  const wide = lengthOfParts(size, WIDEST);
  const pages = Array.from({ length: Math.ceil(classes.length / size) }, (_, i) =>
    classes.slice(i * size, (i + 1) * size),
  );
  const paper = panel('gallery', gallery, {
    value: [],
    words: 'styles_label',
    columns: wide,
    narrow: wide,
    file: 'styles.png',
  });
  const controls = [slider('styles-count', t('styles_count'), 8, 4), seed('styles-seed', t('seed'), t('roll'))];
  const names = pages.map((page) => `${page[0].slice(0, 20)} – ${page.at(-1).slice(0, 20)}`);
  if (pages.length > 1) controls.push(choice('styles-page', t('styles_page'), names, 0));
  return section('styles_text', controls, paper, async (count, from, page = 0) => {
    const labels = pages[page].map((_, i) => page * size + i);
    const rows = await writer.styles(from, count, labels);
    return rows.map((row, style) =>
      row.map((image, i) => ({ src: urlOf(image), alt: `${pages[page][i]} (${style + 1})` })),
    );
  });
};

const morphs = (writer, { classes }) => {
  const [first, last] = [3, 8].map((label) => Math.min(label, classes.length - 1));
  const controls = [
    choice('morph-from', t('morph_from'), classes, first),
    choice('morph-to', t('morph_to'), classes, last),
    seed('morph-seed', t('morph_seed'), t('roll'), 0),
    seed('morph-seed-end', t('morph_seed_end'), t('roll'), 1),
  ];
  let file = null;
  return section('morph_text', controls, panel('morph', morph, {}), async (start, end, from, to) => {
    const images = await writer.morph(start, end, STEPS, from, to);
    if (file) URL.revokeObjectURL(file);
    file = URL.createObjectURL(animation(images));
    return { frames: images.map(urlOf), gif: file, start: classes[start], end: classes[end] };
  });
};

// Fills the tab; gives the function that is called when it opens.
export const fillDigits = (tab, facts, runtimes) => {
  const network = new Network(facts, runtimes, (news) => tell(news));
  const tell = newArrival(tab, () => start());
  const writer = newWriter((inputs) => network.ask((device) => device.run(inputs)), facts);
  const parts = [samples, facts.kind === 'pictures' ? null : written, styles, morphs].filter(Boolean);
  const sections = parts.map((part) => part(writer, facts));
  tab.append(...sections.map(({ element }) => element));
  const start = async () => {
    await network.start();
    if (network.ready) for (const { refresh } of sections) await refresh();
  };
  let opened = false;
  return () => {
    if (!opened) start();
    opened = true;
  };
};
