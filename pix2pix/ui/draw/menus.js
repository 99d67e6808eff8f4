// Menus: one is open at a time, until something is chosen or done elsewhere.

import { element } from './host.js';

const closeMenus = (except) => {
  for (const menu of element.querySelectorAll('.menu')) {
    if (!menu.open || menu.contains(except ?? null)) continue;
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus({ preventScroll: true });
    menu.open = false;
  }
};
element.addEventListener('focusout', ({ target, relatedTarget }) => {
  const menu = target.closest('.menu');
  if (menu && relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
});
document.addEventListener('pointerdown', ({ target }) => closeMenus(target));
element.addEventListener('keydown', ({ key }) => key === 'Escape' && closeMenus());
element.addEventListener(
  'click',
  ({ target }) => target.closest('[data-save], [data-open], [data-shape]') && closeMenus(),
);
