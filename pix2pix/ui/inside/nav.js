// Buttons, not links: the address belongs to the drawing.
localise(element);
const smooth = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
for (const button of element.querySelectorAll('button'))
  button.addEventListener('click', () => document.getElementById(button.dataset.to)?.scrollIntoView({ behavior: smooth, block: 'start' }));
