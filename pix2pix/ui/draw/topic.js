// What the page offers for a subject: its pens, its tools, its examples, and the words for them.

import { inWords, t } from '../texts.js';
import { buildShades } from './colors.js';
import { easel, picture, sheet, tools } from './easel.js';
import { buildExamples } from './examples.js';
import { $, props } from './host.js';
import { labels, subject } from './subject.js';
import { offerTools, take } from './toolbar.js';
import { clamp } from './view.js';

const PLAIN_WIDTHS = tools.widths;

const asSentence = (text) => (/[.!?。！？]$/.test(text) ? text : text + t('full_stop'));

// The head of the page, above the easel, where there is one.
const { title: ownTitle } = document;
const showHead = (title, line) => {
  document.title = title ? `pix2pix: ${inWords(title)}` : ownTitle;
  const head = document.querySelector('.masthead p');
  if (head) head.textContent = t('masthead_line', { line: asSentence(line) });
};

const showWords = () => {
  const { title, line, picture: called } = props.model_subject ?? {};
  const ofBags = props.model_name === props.foretaste_of;
  const asked = line ? inWords(line) : ofBags && t('paper_hint_bag');
  showHead(title, asked || t('masthead_any'));
  $('.paper .hint b').textContent = asked || t('paper_hint');
  $('.paper .hint span').textContent = t(labels() ? 'paper_hint_more_labels' : 'paper_hint_more');
  $('.frame .hint span').textContent = called ? t('picture_hint_of', { picture: inWords(called) }) : t('picture_hint');
  picture.alt = called ? t('picture_alt_of', { picture: inWords(called) }) : t('picture_alt');
  $('[data-save=outline]').textContent = t(labels() ? 'save_drawing' : 'save_outline');
  $('[data-open=drawing]').textContent = t(labels() ? 'open_labels' : 'open_drawing');
};

const takePens = () => {
  const { palette, widths } = subject();
  const within = (width) => clamp(width, ...widths);
  const own = palette.filter(({ width }) => width || labels()).map(({ color, width }) => [color, width || 18]);
  const all = [...Object.entries(PLAIN_WIDTHS), ...own].map(([pen, width]) => [pen, within(width)]);
  tools.widths = props.model_subject ? Object.fromEntries(all) : PLAIN_WIDTHS;
  tools.hue = palette[0]?.color ?? 'red';
  tools.instead = null;
  take(labels() ? tools.hue : 'ink');
};

let shown = null;
export const useSubject = () => {
  const now = props.model_subject ? props.model_name : '';
  showWords();
  if (now === shown) return;
  const first = shown === null;
  shown = now;
  easel.classList.toggle('labelled', labels());
  sheet.style.setProperty('--paper', subject().paper);
  offerTools();
  buildShades();
  buildExamples();
  if (!first || now) takePens();
};
