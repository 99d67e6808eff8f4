// The toolbar, and what its buttons do.

import { t } from '../texts.js';
import { easel, kind, sheet, tools } from './easel.js';
import { $, element } from './host.js';
import { say } from './messages.js';
import { colourOf } from './palette.js';
import { SIDE } from './strokes.js';

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
  width.value = tools.widths[kind()];
  const dot = $('.dot').style;
  dot.setProperty('--dot', `${Math.max(2, (tools.widths[kind()] / SIDE) * sheet.clientWidth)}px`);
  sheet.style.setProperty('--line', tools.widths[kind()] / SIDE);
  dot.setProperty('--ink', tools.taken === 'erase' ? 'transparent' : colourOf(tools.taken));
};
let told = false;
export const take = (name) => {
  if (name !== 'erase') tools.ink = name;
  tools.taken = name;
  if (kind() === 'hint') tools.hue = name;
  if (kind() !== 'hint' || tools.instead === 'pick') tools.instead = null;
  showTool();
  if (kind() === 'hint' && !tools.instead && !told) say(t('colour_first'));
  told ||= kind() === 'hint';
};

// Of the buttons with `data-do`; other modules add theirs.
export const ACTIONS = {
  eraser: () => take(tools.taken === 'erase' ? tools.ink : 'erase'),
  draw: () => {
    tools.instead = null;
    take(tools.ink);
  },
  mirror: () => {
    tools.mirror = !tools.mirror;
    showTool();
  },
  enlarge: () => $('[data-do=enlarge]').setAttribute('aria-pressed', easel.classList.toggle('enlarged')),
};

element.addEventListener('click', (event) => {
  const { do: action, colour } = event.target.closest('button')?.dataset ?? {};
  if (action) ACTIONS[action]();
  if (colour) take(colour);
});
width.addEventListener('input', () => {
  tools.widths[kind()] = Number(width.value);
  showTool();
});
