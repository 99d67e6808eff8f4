// Links: the drawing itself stands in the address, nothing on the server.

import { t } from '../texts.js';
import { bring } from './choices.js';
import { drawing, message } from './easel.js';
import { $ } from './host.js';
import { decode, encode, partsOfLink } from './links.js';
import { remember } from './memory.js';
import { say } from './messages.js';
import { subjectKey } from './shelf.js';
import { seen } from './strokes.js';
import { styleNow } from './style.js';
import { ACTIONS } from './toolbar.js';

const linkTo = async (strokes) => {
  const code = await encode(strokes, styleNow());
  if (!code) throw new Error('too long');
  const key = subjectKey();
  return `${location.href.split('#')[0]}#d=${code}${key && `&of=${encodeURIComponent(key)}`}`;
};

// A promise goes to the clipboard, for Safari wants to be asked within the click.
const copy = async (link) => {
  if (!window.ClipboardItem) return navigator.clipboard.writeText(await link);
  const text = link.then((url) => new Blob([url], { type: 'text/plain' }));
  text.catch(() => {}); // a clipboard that refuses at once does not wait for it
  await navigator.clipboard.write([new ClipboardItem({ 'text/plain': text })]);
};

// In a frame the address bar is another page's, so the link itself is shown, to be copied by hand.
const handOver = (url) => {
  say(t('shared_here'), true);
  message.append(Object.assign(document.createElement('input'), { className: 'link', readOnly: true, value: url }));
  message.lastChild.setAttribute('aria-label', t('share'));
  message.lastChild.select();
};

// The phone's own sheet of apps; elsewhere a link in the clipboard is at hand sooner.
export const SHEET = Boolean(navigator.share) && matchMedia('(pointer: coarse)').matches;
if (SHEET) {
  const button = $('[data-do=share]');
  button.querySelector('span').textContent = t('share_sheet');
  button.title = t('share_sheet_label');
  button.setAttribute('aria-label', button.title);
}
// Whether the sheet was shown; one that was closed again was.
export const offered = (what) =>
  navigator.share({ title: document.title, ...what }).then(
    () => true,
    ({ name }) => name === 'AbortError',
  );
export const fileOf = async (url, name) => new File([await (await fetch(url)).blob()], name, { type: 'image/png' });

const share = async () => {
  if (!drawing.inked) return say(t('draw_first'));
  const strokes = seen(drawing.steps).flatMap((step) => step.strokes);
  if (!strokes.length) return say(t('share_image_only'));
  const link = linkTo(strokes);
  if (
    SHEET &&
    (await link.then(
      (url) => offered({ url }),
      () => false,
    ))
  )
    return say('');
  const copied = await copy(link).then(
    () => true,
    () => false,
  );
  const url = await link.catch(() => undefined);
  if (!url) return say(t('share_too_long'));
  history.replaceState(history.state, '', url);
  remember();
  if (copied) say(t(seen(drawing.steps).some((step) => step.image) ? 'share_no_image' : 'shared'));
  else if (window === parent) say(t('shared_bar'));
  else handOver(url);
};

// `key`: the subject that the drawing is of; old links name none.
export const openCode = (code, key = '') =>
  decode(code).then(
    (step) => bring(step, key),
    () => say(t('share_broken')),
  );
export const openLink = () => openCode(...partsOfLink(location.hash));

Object.assign(ACTIONS, { share });
addEventListener('hashchange', () => location.hash.startsWith('#d=') && openLink());
