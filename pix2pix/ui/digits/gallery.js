localise(element);
watch('value', () => localise(element));

// All pictures as one sheet, in as many columns as on a wide screen; every row of the value starts a line.
element.querySelector('button').addEventListener('click', () => {
  const rows = [...element.querySelectorAll('.cells')].map((row) => [...row.querySelectorAll('img')]);
  if (!rows.length) return;
  const columns = Math.min(props.columns, rows[0].length), side = rows[0][0].naturalWidth, pitch = side + 2;
  const lines = Math.ceil(rows[0].length / columns);
  const canvas = document.createElement('canvas');
  canvas.width = columns * pitch - 2;
  canvas.height = rows.length * lines * pitch - 2;
  const g = canvas.getContext('2d');
  rows.forEach((images, row) => images.forEach((image, i) =>
    g.drawImage(image, (i % columns) * pitch, (row * lines + Math.floor(i / columns)) * pitch)));
  Object.assign(document.createElement('a'), { href: canvas.toDataURL(), download: props.file }).click();
});
