// Images from outside: opened, dropped, pasted.

let opening = 'drawing'; // what the file chooser is asked for: a 'drawing', or a 'photo' to trace

const openFile = async (file) => {
  try {
    const bitmap = await createImageBitmap(file);
    if (opening === 'drawing') {
      const step = imageStep(bitmap);
      add(step);
      if (step.image.tones > 0.25) say(t('photo_hint'));
      return;
    }
    say(t('tracing'), true);
    const answer = await Promise.resolve(server.trace({ image: fitted(bitmap).toDataURL() })).catch(() => undefined);
    if (!answer?.img) return say(answer?.error ? t(answer.error) : t('offline'));
    add(imageStep(await loaded(answer.img)));
    say('');
  } catch {
    say(t('bad_image'));
  }
};

$('input[type=file]').addEventListener('change', ({ target }) => {
  if (target.files[0]) openFile(target.files[0]);
  target.value = ''; // so that the same file can be opened again
});
const openFirst = (event, { files }) => {
  if (!files[0]) return;
  event.preventDefault();
  opening = 'drawing';
  openFile(files[0]);
};
easel.addEventListener('dragover', (event) => event.preventDefault());
easel.addEventListener('drop', (event) => (event.preventDefault(), openFirst(event, event.dataTransfer)));

const onPaste = (event) => {
  if (!element.isConnected) return document.removeEventListener('paste', onPaste);
  if (!elsewhere(event)) openFirst(event, event.clipboardData);
};
document.addEventListener('paste', onPaste);
