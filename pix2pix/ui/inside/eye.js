// Draws the window of the chosen cell; the verdict of all cells came with the value.

import { t } from '../texts.js';

export const start = ({ element, props, watch }) => {
  const $ = (selector) => element.querySelector(selector);
  const all = (selector) => [...element.querySelectorAll(selector)];
  const stage = $('.stage');
  const svg = $('svg');
  const [halo, field, ring, cell] = all('rect');
  const [outlineView, pictureView] = all('canvas');
  const percent = (p) => `${(100 * p).toFixed(p < 0.001 ? 3 : p < 0.1 ? 1 : 0)}%`;
  const load = async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    return image;
  };
  let verdict = null;
  let outline;
  let picture;
  let at = { column: 0, row: 0 };

  function place(rect, x, y, side) {
    const size = verdict.image_size;
    const left = Math.max(x, 0);
    const top = Math.max(y, 0);
    const box = { x: left, y: top, width: Math.min(x + side, size) - left, height: Math.min(y + side, size) - top };
    for (const [name, value] of Object.entries(box)) rect.setAttribute(name, value);
    return box;
  }

  function show() {
    const { start, jump, field: side, columns, probabilities } = verdict;
    const x = start + at.column * jump;
    const y = start + at.row * jump;
    const middle = Math.floor((side - jump) / 2);
    const seen = place(field, x, y, side);
    place(halo, x, y, side);
    for (const rect of [ring, cell]) place(rect, x + middle, y + middle, jump);
    [outline, picture].forEach((image, i) => {
      const view = [outlineView, pictureView][i];
      const pen = view.getContext('2d');
      const zoom = view.width / side;
      pen.fillStyle = '#808080'; // what the network sees outside the image: zeros
      pen.fillRect(0, 0, view.width, view.height);
      pen.drawImage(image, -x * zoom, -y * zoom, verdict.image_size * zoom, verdict.image_size * zoom);
    });
    const spot = t('inside_eye_cell', { column: at.column + 1, row: at.row + 1 });
    const score = t('inside_eye_score', { p: percent(probabilities[at.row * columns + at.column]) });
    $('.score').textContent = `${spot}: ${score}`;
    $('.where').textContent = t('inside_eye_sees', {
      field: side,
      left: seen.x,
      right: seen.x + seen.width - 1,
      top: seen.y,
      bottom: seen.y + seen.height - 1,
    });
  }

  function choose(column, row) {
    at = {
      column: Math.min(Math.max(column, 0), verdict.columns - 1),
      row: Math.min(Math.max(row, 0), verdict.rows - 1),
    };
    show();
  }

  function point(event) {
    const box = stage.getBoundingClientRect();
    const { start, jump, field: side, image_size } = verdict;
    const cellAt = (fraction) => Math.floor((fraction * image_size - start - Math.floor((side - jump) / 2)) / jump);
    choose(cellAt((event.clientX - box.left) / box.width), cellAt((event.clientY - box.top) / box.height));
  }

  stage.addEventListener('pointerdown', (event) => {
    if (verdict) point(event);
  });
  stage.addEventListener('pointermove', (event) => {
    if (verdict && event.buttons && event.pointerType === 'mouse') point(event);
  });
  stage.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || !verdict) return;
    event.preventDefault();
    choose(at.column + step[0], at.row + step[1]);
  });
  const under = () => {
    $('.stage img').src = $('input').checked ? verdict.heat : verdict.picture;
  };
  $('input').addEventListener('change', () => {
    if (verdict) under();
  });

  async function update() {
    const value = props.value;
    if (!value) return;
    const tell = (message) => {
      $('.eye').hidden = Boolean(message);
      $('.note').hidden = !message;
      $('.note').textContent = message || '';
    };
    if (value.message) {
      verdict = null;
      return tell(value.message);
    }
    const images = await Promise.all([load(value.condition), load(value.picture)]);
    if (value !== props.value) return; // a newer verdict has come in the meantime
    const first = !verdict;
    [outline, picture] = images;
    verdict = value;
    svg.setAttribute('viewBox', `0 0 ${verdict.image_size} ${verdict.image_size}`);
    const limits = verdict.limits.map((p) => t('inside_eye_score', { p: percent(p) }));
    $('.low').textContent = limits[0];
    $('.high').textContent = limits[1];
    $('.sum').innerHTML = verdict.table;
    under();
    if (first) at = verdict.pick;
    choose(at.column, at.row);
    tell(null); // only now there is something to touch
  }
  watch('value', update);
  update();
};
