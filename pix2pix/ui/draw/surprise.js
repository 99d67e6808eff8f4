// Around the easel: example outlines, 'surprise me', links, downloads, menus.

// --- Examples ---

const path = (strokes) => strokes.map(({ p }) => 'M' + p.join(' ')).join('');
const outline = (strokes) =>
  `<svg viewBox="0 0 ${SIDE} ${SIDE}" aria-hidden="true"><path d="${path(strokes)}"/></svg>`;
// Before anyone has drawn: faintly, the first outline and what the network makes of it.
if (props.foretaste_of) {
  $('.paper .hint path').setAttribute('d', path(EXAMPLES[0].strokes));
  $('.paper .hint b').textContent = t('paper_hint_bag');
}
$('.foretaste').src = props.foretaste;
$('.examples div').replaceChildren(
  ...EXAMPLES.map(({ name, strokes }) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', innerHTML: outline(strokes) });
    button.title = name[LANG];
    button.setAttribute('aria-label', t('example', { name: name[LANG] }));
    button.addEventListener('click', () => {
      add({ strokes, fresh: true });
      if ($('.frame').getBoundingClientRect().top < 0) easel.scrollIntoView(); // on a phone the picture is far above
    });
    return button;
  }),
);

// --- Surprise me: the drawing in four styles, or where there are none with random colour hints inside its lines ---

// The drawing as one step that starts afresh, without its hints: beside them those of a surprise would hardly show.
const plain = () => {
  const now = seen(steps), image = now[0]?.image && { ...now[0].image, colour: newCanvas(SIDE), packed: undefined };
  const strokes = now.flatMap((step) => step.strokes).filter(({ c }) => c === 'ink' || c === 'erase');
  return { strokes, fresh: true, image };
};

// The places inside the outline, which a flood from the border does not reach; not those between handle and bag.
// Where nothing is closed, the box around the ink.
const S = 96; // cells a side
const beside = (i) =>
  [i % S > 0 && i - 1, i % S < S - 1 && i + 1, i >= S && i - S, i < S * (S - 1) && i + S].filter(Number.isInteger);
// Cells that are connected with those of `flood`; takes them out of `free`.
const region = (free, flood) => {
  const found = [];
  while (flood.length) {
    const i = flood.pop();
    if (!free[i]) continue;
    free[i] = false;
    found.push(i);
    flood.push(...beside(i));
  }
  return found;
};
const inside = () => {
  const paper = newPaper(S); // drawn anew at this size: a line shrunk from a picture has gaps
  paper.draw([plain()]);
  const { data } = paper.print(newCanvas(S)).getContext('2d').getImageData(0, 0, S, S);
  const free = Array.from({ length: S * S }, (_, i) => data[4 * i + 1] > 225);
  const inkAt = free.flatMap((isFree, i) => (isFree ? [] : [i]));
  const xs = inkAt.map((i) => i % S), ys = inkAt.map((i) => Math.floor(i / S));
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  region(free, Array.from({ length: S }, (_, i) => [i, i * S, i * S + S - 1, (S - 1) * S + i]).flat());
  const regions = [];
  for (let i = free.indexOf(true); i >= 0; i = free.indexOf(true)) regions.push(region(free, [i]));
  const body = regions.filter((cells) => Math.max(...cells) / S > y0 + 0.45 * (y1 - y0));
  let cells = (body.length ? body : regions).flat();
  if (cells.length < 90) {
    cells = [];
    for (let y = y0 + 1; y < y1; y++) for (let x = x0 + 1; x < x1; x++) cells.push(y * S + x);
  }
  const there = new Set(cells);
  const unit = SIDE / S;
  return {
    has: (x, y) => there.has(Math.floor(y / unit) * S + Math.floor(x / unit)),
    random() {
      const i = cells[Math.floor(Math.random() * cells.length)] ?? (S * S + S) / 2;
      return [((i % S) + 0.5) * unit, (Math.floor(i / S) + 0.5) * unit];
    },
  };
};

// Zigzags as a person scribbles them, each at the roomiest of some random places, apart from the others
// and kept inside, by half the width of the pen.
const scribbles = (area, colours) => {
  const W = 80, H = 56, WIDTH = 20, taken = [];
  const grid = [-1, -0.5, 0, 0.5, 1].flatMap((a) => [-1, -0.5, 0, 0.5, 1].map((b) => [(a * W) / 2, (b * H) / 2]));
  const fits = (x, y) => [-WIDTH / 2, WIDTH / 2].every((d) => area.has(x + d, y) && area.has(x, y + d));
  const room = ([x, y]) =>
    grid.filter(([dx, dy]) => fits(x + dx, y + dy)).length +
    Math.min(30, ...taken.map(([tx, ty]) => Math.hypot(x - tx, y - ty) / 5));
  return colours.map((c) => {
    const places = Array.from({ length: 40 }, area.random).map((at) => [room(at), at]);
    const [, [x, y]] = places.reduce((best, next) => (next[0] > best[0] ? next : best));
    taken.push([x, y]);
    const zigzag = Array.from({ length: 7 }, (_, i) => [x - W / 2 + (i * W) / 6, y + (i % 2 ? H : -H) / 2]);
    const p = zigzag.filter(([px, py]) => fits(px, py)).flatMap(([px, py]) => [px, py, px, py]); // sharp turns
    return { c, w: WIDTH, m: 0, p: p.length ? p : [x, y] };
  });
};

let wasSmall = false; // on a phone the four versions get the full width for a while

const openVersions = (...content) => {
  $('.versions').replaceChildren(...content);
  if (!$('.versions').hidden) return;
  $('.versions').hidden = false;
  wasSmall = !easel.classList.contains('enlarged');
  if (wasSmall) ACTIONS.enlarge();
};
// Not under a pen that draws: the paper would move away from it.
const shrink = () => {
  if (!wasSmall || stroke || !$('.versions').hidden) return;
  wasSmall = false;
  if (easel.classList.contains('enlarged')) ACTIONS.enlarge();
};
const closeVersions = () => {
  const versions = $('.versions');
  if (versions.hidden) return;
  if (versions.contains(document.activeElement)) $('[data-do=surprise]').focus({ preventScroll: true });
  versions.hidden = true;
  shrink();
};
const shuffled = (list) => list.map((x) => [Math.random(), x]).sort(([a], [b]) => a - b).map(([, x]) => x);

// Four of them, as {payload: what the server paints, pick: what makes it the drawing's}.
const inColours = () => {
  const area = inside(), trial = newPaper(small.pixels), sheetOf = newCanvas(small.pixels), base = plain();
  const hues = shuffled(NAMES.filter((name) => name !== 'ink'));
  return hues.slice(0, 4).map((hue, i) => {
    const strokes = scribbles(area, [hue, i % 2 ? hues[4 + (i >> 1)] : hue]);
    trial.draw([base, { strokes }]);
    const payload = { image: inkUrl(trial, sheetOf), hints: huesUrl(trial) };
    return { payload, pick: () => add({ ...base, strokes: [...base.strokes, ...strokes] }) };
  });
};
const inStyles = () =>
  others().slice(0, 4).map((style) => ({ payload: { ...drawn(), style }, name: nameOf(style), pick: () => wear(style) }));

const surprise = async () => {
  if (!inked) return say(t('surprise_first'));
  const versions = $('.versions');
  const buttons = (props.model_styles.length > 1 ? inStyles() : inColours()).map(({ payload, name, pick }, i) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', disabled: true });
    button.title = name ?? t('surprise_pick');
    button.setAttribute('aria-label', `${t('surprise_pick')}: ${name ?? i + 1}`);
    button.addEventListener('click', pick);
    return { button, payload };
  });
  const close = Object.assign(document.createElement('button'), { type: 'button', className: 'icon close' });
  close.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>';
  close.title = t('surprise_close');
  close.setAttribute('aria-label', close.title);
  close.addEventListener('click', closeVersions);
  openVersions(...buttons.map(({ button }) => button), close);
  for (const { button, payload } of buttons) {
    const answer = await asked(server.paint({ ...payload, model: props.model_name }));
    if (versions.hidden || !button.isConnected) return; // the pen went on
    if (!answer) return closeVersions();
    button.append(Object.assign(new Image(), { src: answer.img, alt: '' }));
    button.disabled = false;
  }
  versions.querySelector('button').focus({ preventScroll: true });
};

// --- Links: the drawing itself stands in the address, nothing on the server ---

const linkTo = async (strokes) => {
  const code = await encode(strokes, styleNow());
  if (!code) throw new Error('too long');
  return location.href.split('#')[0] + '#d=' + code;
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
const SHEET = Boolean(navigator.share) && matchMedia('(pointer: coarse)').matches;
if (SHEET) {
  const button = $('[data-do=share]');
  button.querySelector('span').textContent = t('share_sheet');
  button.title = t('share_sheet_label');
  button.setAttribute('aria-label', button.title);
}
// Whether the sheet was shown; one that was closed again was.
const offered = (what) => navigator.share({ title: document.title, ...what }).then(
  () => true,
  ({ name }) => name === 'AbortError',
);
const fileOf = async (url, name) => new File([await (await fetch(url)).blob()], name, { type: 'image/png' });

const share = async () => {
  if (!inked) return say(t('draw_first'));
  const strokes = seen(steps).flatMap((step) => step.strokes);
  if (!strokes.length) return say(t('share_image_only'));
  const link = linkTo(strokes);
  if (SHEET && (await link.then((url) => offered({ url }), () => false))) return say('');
  const copied = await copy(link).then(() => true, () => false);
  const url = await link.catch(() => undefined);
  if (!url) return say(t('share_too_long'));
  history.replaceState(history.state, '', url);
  remember();
  if (copied) say(t(seen(steps).some((step) => step.image) ? 'share_no_image' : 'shared'));
  else if (window === parent) say(t('shared_bar'));
  else handOver(url);
};

const openCode = (code) => decode(code).then(add, () => say(t('share_broken')));
const openLink = () => openCode(location.hash.slice(3));

// --- Downloads, and the picture for the phone's sheet ---

const sample = { files: [new File([], 'picture.png', { type: 'image/png' })] };
$('[data-save=sheet]').hidden = !SHEET || !navigator.canShare?.(sample);

const download = (url, name) => Object.assign(document.createElement('a'), { href: url, download: name }).click();

const save = async (what) => {
  if (!inked) return say(t('draw_first'));
  const large = newPaper(2 * SIDE);
  large.draw(steps);
  if (what === 'outline') return download(large.print(newCanvas(2 * SIDE)).toDataURL(), 'outline.png');
  const answer = await asked(server.paint({ ...frame(), lossless: true }));
  if (!answer) return;
  if (what === 'sheet') return (await offered({ files: [await fileOf(answer.img, 'picture.png')] })) || say(t('share_failed'));
  if (what === 'picture') return download(answer.img, 'picture.png');
  const image = await loaded(answer.img);
  const both = Object.assign(newCanvas(image.height), { width: 2 * image.width }); // as the paper's data sets
  const g = both.getContext('2d');
  g.drawImage(large.print(newCanvas(image.width)), 0, 0);
  g.drawImage(image, image.width, 0);
  download(both.toDataURL(), 'outline-and-picture.png');
};

// --- Menus ---

const closeMenus = (except) => {
  for (const menu of element.querySelectorAll('.menu')) {
    if (!menu.open || menu.contains(except ?? null)) continue;
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus({ preventScroll: true });
    menu.open = false;
  }
};
element.addEventListener('focusout', ({ target, relatedTarget }) => {
  const menu = target.closest('.menu');
  if (menu && relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
});
document.addEventListener('pointerdown', ({ target }) => closeMenus(target));
element.addEventListener('keydown', ({ key }) => key === 'Escape' && closeMenus());
