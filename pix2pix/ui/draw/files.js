// Images from outside: opened, dropped, pasted.

// `wanted`: a 'drawing', or a 'photo' to trace.
const openFile = async (file, wanted) => {
  try {
    const bitmap = await createImageBitmap(file), image = scaled(bitmap);
    bitmap.close();
    if (wanted === 'drawing') {
      const step = imageStep(image);
      add(step);
      if (step.image.tones > 0.25) say(t('photo_hint'));
      return;
    }
    say(t('tracing'), true);
    const answer = await asked(server.trace({ image: image.toDataURL() }));
    if (answer) add(imageStep(await loaded(answer.img)));
  } catch {
    say(t('bad_image'));
  }
};

const chooser = $('input[type=file]');
let chosenFor = 'drawing';
const choose = (wanted) => {
  chosenFor = wanted;
  chooser.click();
};
chooser.addEventListener('change', () => {
  if (chooser.files[0]) openFile(chooser.files[0], chosenFor);
  chooser.value = ''; // so that the same file can be opened again
});

const openFirst = (event, { files }) => {
  if (!files[0]) return;
  event.preventDefault();
  openFile(files[0], 'drawing');
};
document.addEventListener('paste', (event) => elsewhere(event) || openFirst(event, event.clipboardData));
// Everywhere: a browser leaves the page for a file that is dropped beside the easel.
document.addEventListener('dragover', (event) => elsewhere(event) || event.preventDefault());
document.addEventListener('drop', (event) => {
  if (elsewhere(event)) return;
  event.preventDefault();
  openFirst(event, event.dataTransfer);
});
