// Images from outside: opened, dropped, pasted.

// `wanted`: a 'drawing', or a 'photo' to trace.
const openFile = async (file, wanted) => {
  try {
    const bitmap = await createImageBitmap(file), image = fitted(bitmap);
    bitmap.close();
    if (wanted === 'drawing') {
      const step = imageStep(image);
      add(step);
      if (step.image.tones > 0.25) say(t('photo_hint'));
      return;
    }
    say(t('tracing'), true);
    const answer = await Promise.resolve(server.trace({ image: image.toDataURL() })).catch(() => undefined);
    if (!answer?.img) return say(answer?.error ? t(answer.error) : t('offline'));
    add(imageStep(await loaded(answer.img)));
    say('');
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
const onPaste = (event) => elsewhere(event) || openFirst(event, event.clipboardData);
// Everywhere: a browser leaves the page for a file that is dropped beside the easel.
const onDragOver = (event) => elsewhere(event) || event.preventDefault();
const onDrop = (event) => {
  if (elsewhere(event)) return;
  event.preventDefault();
  openFirst(event, event.dataTransfer);
};
for (const [kind, listen] of Object.entries({ paste: onPaste, dragover: onDragOver, drop: onDrop })) {
  const heard = (event) => (element.isConnected ? listen(event) : document.removeEventListener(kind, heard));
  document.addEventListener(kind, heard);
}
