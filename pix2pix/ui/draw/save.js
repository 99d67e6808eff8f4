// Downloads, and the picture for the phone's sheet.

import { t } from '../texts.js';
import { drawing } from './easel.js';
import { enlarged } from './finer.js';
import { $, element, server } from './host.js';
import { loaded } from './images.js';
import { asked, say } from './messages.js';
import { newCanvas, newPaper } from './paper.js';
import { fileOf, offered, SHEET } from './share.js';
import { SIDE } from './strokes.js';

const sample = { files: [new File([], 'picture.png', { type: 'image/png' })] };
$('[data-save=sheet]').hidden = !SHEET || !navigator.canShare?.(sample);

const download = (url, name) => Object.assign(document.createElement('a'), { href: url, download: name }).click();

const save = async (what) => {
  if (!drawing.inked) return say(t('draw_first'));
  const large = newPaper(2 * SIDE);
  large.draw(drawing.steps);
  if (what === 'outline') return download(large.print(newCanvas(2 * SIDE)).toDataURL(), 'outline.png');
  const answer = await asked(server.paint({ ...enlarged(what === 'both' ? 1 : 4), lossless: true }));
  if (!answer) return;
  if (what === 'sheet')
    return (await offered({ files: [await fileOf(answer.img, 'picture.png')] })) || say(t('share_failed'));
  if (what === 'picture') return download(answer.img, 'picture.png');
  const image = await loaded(answer.img);
  const both = Object.assign(newCanvas(image.height), { width: 2 * image.width }); // as the paper's data sets
  const g = both.getContext('2d');
  g.drawImage(large.print(newCanvas(image.width)), 0, 0);
  g.drawImage(image, image.width, 0);
  download(both.toDataURL(), 'outline-and-picture.png');
};
element.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-save]');
  if (button) save(button.dataset.save);
});
