import { localise, t } from '../texts.js';

export const start = ({ element, props, watch }) => {
  localise(element);
  const sheet = element.querySelector('.sheet');
  sheet.style.setProperty('--columns', props.columns);
  sheet.style.setProperty('--narrow', props.narrow);

  // As properties, never as markup: the names in `alt` are a checkpoint's.
  const picture = ({ src, alt }) => {
    const image = Object.assign(new Image(28, 28), { src, alt });
    image.setAttribute('role', 'listitem');
    return image;
  };
  function update() {
    sheet.replaceChildren(
      ...props.value.map((row) => {
        const cells = Object.assign(document.createElement('div'), { className: 'cells' });
        cells.setAttribute('role', 'list');
        cells.setAttribute('aria-label', t(props.words));
        cells.append(...row.map(picture));
        return cells;
      }),
    );
  }
  watch('value', update);
  update();

  // All pictures as one sheet, in as many columns as on a wide screen; every row of the value starts a line.
  element.querySelector('button').addEventListener('click', () => {
    const rows = [...element.querySelectorAll('.cells')].map((row) => [...row.querySelectorAll('img')]);
    if (!rows.length) return;
    const columns = Math.min(props.columns, rows[0].length);
    const side = rows[0][0].naturalWidth;
    const pitch = side + 2;
    const lines = Math.ceil(rows[0].length / columns);
    const canvas = document.createElement('canvas');
    canvas.width = columns * pitch - 2;
    canvas.height = rows.length * lines * pitch - 2;
    const g = canvas.getContext('2d');
    for (const [row, images] of rows.entries())
      for (const [i, image] of images.entries())
        g.drawImage(image, (i % columns) * pitch, (row * lines + Math.floor(i / columns)) * pitch);
    Object.assign(document.createElement('a'), { href: canvas.toDataURL(), download: props.file }).click();
  });
};
