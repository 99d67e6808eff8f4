// Images from outside: opened, dropped, pasted.

import { t } from '../texts.js';
import { drawing } from './easel.js';
import { add, undo } from './history.js';
import { $, element, props, server } from './host.js';
import { imageStep, scaled } from './images.js';
import { elsewhere } from './keys.js';
import { partsOfLink } from './links.js';
import { offer, say } from './messages.js';
import { openCode } from './share.js';
import { likePhoto } from './styles.js';
import { trace } from './trace.js';

const openDrawing = (image) => {
  const step = imageStep(image);
  if (step.image.blank) return say(t('image_blank'));
  add(step);
  if (step.image.tones < 0.15) return;
  const like = () => {
    if (drawing.steps.at(-1) === step) undo();
    likePhoto(image);
  };
  const uses = [];
  if (server.trace) uses.push([t('photo_trace'), () => trace(image, step)]);
  if (server.like && props.model_styles.length) uses.push([t('photo_style'), like]);
  if (uses.length) offer(t('photo_hint'), ...uses);
};

const USES = { drawing: openDrawing, photo: trace, style: likePhoto };

// `wanted`: a 'drawing', a 'photo' to trace, or one whose 'style' the drawing takes.
const openFile = async (file, wanted) => {
  try {
    const bitmap = await createImageBitmap(file);
    const image = scaled(bitmap);
    bitmap.close();
    await USES[wanted](image);
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
element.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-open]');
  if (button) choose(button.dataset.open);
});
chooser.addEventListener('change', () => {
  if (chooser.files[0]) openFile(chooser.files[0], chosenFor);
  chooser.value = ''; // so that the same file can be opened again
});

// A drawing's link opens; all other text can't be one.
const openText = (text) => {
  const [code, key] = partsOfLink(text);
  if (code) openCode(code, key);
  else say(t(/^\s*\w+:\/\/\S+\s*$/.test(text) ? 'is_address' : 'is_text'));
};
const openFirst = (event, data) => {
  if (!data.types.length) return;
  event.preventDefault();
  if (data.files[0]) openFile(data.files[0], 'drawing');
  else openText(data.getData('text/uri-list') || data.getData('text/plain'));
};
document.addEventListener('paste', (event) => elsewhere(event) || openFirst(event, event.clipboardData));
// Everywhere: a browser leaves the page for a file that is dropped beside the easel.
document.addEventListener('dragover', (event) => elsewhere(event) || event.preventDefault());
document.addEventListener('drop', (event) => {
  if (elsewhere(event)) return;
  event.preventDefault();
  openFirst(event, event.dataTransfer);
});
