localise(element);
watch('value', () => localise(element));

// All pictures as one sheet, as many columns as on the screen.
element.querySelector('button').addEventListener('click', () => {
  const images = [...element.querySelectorAll('img')];
  if (!images.length) return;
  const columns = Math.min(8, images.length), side = images[0].naturalWidth, gap = 2;
  const canvas = document.createElement('canvas');
  canvas.width = columns * (side + gap) - gap;
  canvas.height = Math.ceil(images.length / columns) * (side + gap) - gap;
  const g = canvas.getContext('2d');
  images.forEach((image, i) => g.drawImage(image, (i % columns) * (side + gap), Math.floor(i / columns) * (side + gap)));
  Object.assign(document.createElement('a'), { href: canvas.toDataURL(), download: 'digits.png' }).click();
});
