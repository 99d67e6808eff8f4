// The keyboard: shortcuts everywhere on the easel, and a pen that arrow keys move over the paper.

// Behind another tab, or meant for a text field.
const elsewhere = ({ target }) =>
  !easel.offsetParent || target.closest?.('input:not([type=range]), textarea, [contenteditable]');

document.addEventListener('keydown', (event) => {
  if (elsewhere(event)) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (event.altKey || !['z', 'y'].includes(key)) return;
    event.preventDefault();
    return key === 'y' || event.shiftKey ? redo() : undo();
  }
  if (event.altKey || !easel.contains(document.activeElement)) return;
  if (key === 'e') ACTIONS.eraser();
  else if (key === 'b') (instead = null), take(ink);
  else if (key === 'm') ACTIONS.mirror();
  else if (key === 'f' || key === 'i') element.querySelector(`[data-do=${key === 'f' ? 'fill' : 'pick'}]`).click();
  else if (key === '+' || key === '=') zoomBy(1.5, seenAt(view, place));
  else if (key === '-') zoomBy(1 / 1.5, seenAt(view, place));
  else if (key === '0') ACTIONS.whole();
  else if (key === 'escape') closeVersions();
});

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = 'keys'; // in place of a pointer's number
const nib = $('.nib');
let place = [SIDE / 2, SIDE / 2];

const liftKeys = () => {
  nib.classList.remove('down');
  if (stroke && pointer === KEYS) finish();
};

const moveNib = (x, y) => {
  place = [x, y].map((v) => clamp(v, 0, SIDE));
  setView(revealing(view, place));
  putAt(nib, place);
};
moveNib(...place);

canvas.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return liftKeys(); // an undo, say: never of half a stroke
  const way = WAYS[event.key], draws = pointer === KEYS;
  if (!way && event.key !== ' ') return;
  event.preventDefault(); // else the page would scroll
  if (stroke && !draws) return; // the mouse has the pen
  if (way) {
    const length = event.shiftKey ? 2 : 12;
    moveNib(place[0] + length * way[0], place[1] + length * way[1]);
    if (draws) extend(place), painter.refresh();
  } else if (!event.repeat) {
    if (!draws && tapped(place)) return;
    if (draws) liftKeys();
    else begin(tool, KEYS, place), nib.classList.add('down');
    say(t(draws ? 'pen_up' : 'pen_down'));
  }
});
canvas.addEventListener('blur', liftKeys);
