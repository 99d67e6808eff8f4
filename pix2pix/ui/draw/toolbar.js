// The toolbar, and what its buttons do.

import { t } from '../texts.js';
import { easel, emit, kind, sheet, tools, widthKey } from './easel.js';
import { $, element } from './host.js';
import { say } from './messages.js';
import { colourOf } from './palette.js';
import { SIDE } from './strokes.js';
import { labels, subject } from './subject.js';
import { clamp } from './view.js';

const MOST_DOT = 30; // pixels, beside the slider

export const swatch = (c, label) => {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'swatch', title: label });
  button.dataset.colour = c;
  button.style.setProperty('--swatch', colourOf(c));
  button.setAttribute('aria-label', label);
  return button;
};
$('.palette').replaceChildren(swatch('ink', t('colour_ink')));

// A group of buttons with one stop for the Tab key; arrow keys go from button to button. `home` says which one is it.
export const roving = (group) => {
  const all = () => [...group.querySelectorAll('button')];
  const home = (wanted) => {
    for (const button of all()) button.tabIndex = button === wanted ? 0 : -1;
  };
  group.addEventListener('focusin', ({ target }) => home(target));
  group.addEventListener('keydown', (event) => {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const there = all().filter((button) => button.offsetParent);
    const at = there.indexOf(document.activeElement);
    there[(at + way + there.length) % there.length].focus();
  });
  return () => home(all().find((button) => button.getAttribute('aria-pressed') === 'true') ?? all()[0]);
};

// Drawing by hand, or by corners: the button shows which.
const shapes = [...element.querySelectorAll('[data-shape]')];
const showShape = () => {
  const shape = shapes.find((button) => button.dataset.shape === tools.instead) ?? shapes[0];
  for (const button of shapes) button.setAttribute('aria-pressed', button === shape);
  const summary = $('.shapes summary');
  summary.querySelector('path').setAttribute('d', shape.querySelector('path').getAttribute('d'));
  summary.classList.toggle('taken', shape !== shapes[0]);
  easel.classList.toggle('cornering', tools.instead === 'polygon');
};

// For another model: what its subject has no use for is hidden.
const TOOLS = { eraser: 'erase', fill: 'fill', pick: 'pick', mirror: 'mirror' };
export const offerTools = () => {
  const { tools: wanted, widths } = subject();
  for (const [name, tool] of Object.entries(TOOLS)) $(`[data-do=${name}]`).hidden = !wanted.includes(tool);
  for (const button of shapes.slice(1)) button.hidden = !wanted.includes(button.dataset.shape);
  $('.shapes').hidden = shapes.slice(1).every((button) => button.hidden);
  if (tools.mirror && !wanted.includes('mirror')) tools.mirror = false;
  if (tools.instead && !wanted.includes(tools.instead)) tools.instead = null;
  [width.min, width.max] = widths;
};

const width = $('.width input');
export const showTool = () => {
  for (const b of element.querySelectorAll('.swatch')) b.setAttribute('aria-pressed', b.dataset.colour === tools.taken);
  $('[data-do=eraser]').setAttribute('aria-pressed', tools.taken === 'erase');
  for (const name of ['fill', 'pick']) $(`[data-do=${name}]`).setAttribute('aria-pressed', tools.instead === name);
  $('.any').classList.toggle('taken', tools.taken.startsWith('#') && !$('.swatch[aria-pressed=true]'));
  if (tools.taken.startsWith('#')) $('.any').style.setProperty('--swatch', tools.taken);
  easel.classList.toggle('filling', tools.instead === 'fill');
  easel.classList.toggle('picking', tools.instead === 'pick');
  $('[data-do=mirror]').setAttribute('aria-pressed', tools.mirror);
  easel.classList.toggle('mirror', tools.mirror);
  showShape();
  const w = tools.widths[widthKey(tools.taken)];
  width.value = w;
  const dot = $('.dot').style;
  dot.setProperty('--dot', `${clamp((w / SIDE) * sheet.clientWidth, 2, MOST_DOT)}px`);
  sheet.style.setProperty('--line', w / SIDE);
  dot.setProperty('--ink', tools.taken === 'erase' ? 'transparent' : colourOf(tools.taken));
};
let told = false;
export const take = (name) => {
  if (name !== 'erase') tools.ink = name;
  tools.taken = name;
  if (kind() === 'hint') tools.hue = name;
  if (tools.instead === 'pick' || (tools.instead === 'fill' && kind() !== 'hint')) tools.instead = null;
  emit('tool');
  showTool();
  if (labels() || kind() !== 'hint') return;
  if (!tools.instead && !told) say(t('colour_first'));
  told = true;
};
// What takes the place of drawing by hand; a second time, the hand has it back.
export const useInstead = (name) => {
  tools.instead = tools.instead === name ? null : name;
  emit('tool');
  showTool();
  if (tools.instead) say(t(`${name}_first`));
};

// Of the buttons with `data-do`; other modules add theirs.
export const ACTIONS = {
  eraser: () => take(tools.taken === 'erase' ? tools.ink : 'erase'),
  draw: () => {
    tools.instead = null;
    take(tools.ink);
  },
  line: () => useInstead('line'),
  rectangle: () => useInstead('rectangle'),
  polygon: () => useInstead('polygon'),
  mirror: () => {
    tools.mirror = !tools.mirror;
    showTool();
  },
  enlarge: () => $('[data-do=enlarge]').setAttribute('aria-pressed', easel.classList.toggle('enlarged')),
};

element.addEventListener('click', (event) => {
  const { do: action, shape, colour } = event.target.closest('button')?.dataset ?? {};
  if (action) ACTIONS[action]();
  if (shape) tools.instead === shape || ACTIONS[shape]();
  if (colour) take(colour);
});
width.addEventListener('input', () => {
  tools.widths[widthKey(tools.taken)] = Number(width.value);
  showTool();
});
