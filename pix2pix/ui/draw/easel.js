// The easel: tools, pen, history. `element`, `props`, `server` and `watch` come from gr.HTML.
localise(element);
const $ = (selector) => element.querySelector(selector);
const easel = $('.easel'), sheet = $('.paper'), canvas = $('.ink'), picture = $('.picture'), message = $('.message');
picture.alt = t('picture_alt');

const screen = new Paper(canvas, $('.colour')); // at the resolution of the screen
const small = newPaper(256); // at that of the network
const proof = newCanvas(256); // what is sent
let steps = [], undone = [], inked = false;
let tool = 'ink', ink = 'ink', mirror = false, stroke = null, pointer = null;
const widths = { ink: 5, hint: 18, erase: 28 }; // each kind of tool remembers its own

const PAGE = Math.random().toString(36).slice(2); // so that the server knows which frames overtake which

let spoken = 0;
const say = (text, stays = false) => {
  message.textContent = text;
  clearTimeout(spoken);
  if (text && !stays) spoken = setTimeout(say, 6000, '');
};
// Says it until something else happens, with a button that does something about it.
const offer = (text, label, act) => {
  say(text, true);
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: label });
  button.addEventListener('click', act);
  message.append(' ', button);
};
// What was said of the drawing as it was.
const hush = () => ['offline', 'refused'].includes(message.dataset.state) || say('');
const kind = () => (tool === 'ink' || tool === 'erase' ? tool : 'hint');

// --- From drawing to picture ---

const meter = rateMeter();
let rate = null, figuresAt = 0;

const figures = (ms) => {
  rate = !stroke && steps.at(-1)?.fresh ? null : (meter() ?? rate); // a picture alone, as of an example, has none
  if (performance.now() - figuresAt < 250 && stroke) return; // legible, not flickering
  figuresAt = performance.now();
  const parts = [t('stat_time', { ms: Math.round(ms) })];
  if (rate) parts.push(t('stat_rate', { rate }));
  $('.figures').textContent = parts.join(' · ');
};

const frame = () => (inked ? { ...drawn(), model: props.model_name } : null);

const show = async (answer) => {
  easel.classList.toggle('painted', Boolean(answer));
  $('.compare').hidden = picture.hidden = !answer;
  if (!answer) return compare(0);
  // The old picture stays until the new one is loaded; decoded with the next frame (`decoding="sync"`) it is there.
  // Image.decode() would cost a frame more.
  picture.src = answer.img;
  await new Promise((done) => (picture.onload = picture.onerror = done));
  if ($('.compare').value !== '0') small.print($('.before'));
  figures(answer.ms);
};

const painter = newestOnly({
  frame,
  show,
  ask: (payload, turn) => server.paint({ ...payload, page: PAGE, turn }),
  state(name, problem) {
    easel.dataset.state = name;
    if (name === 'offline' || name === 'refused') say(worded(problem ?? name), true);
    else if (message.dataset.state === 'offline' || message.dataset.state === 'refused') say('');
    message.dataset.state = name;
    $('.heard').textContent = name === 'idle' && !stroke && easel.classList.contains('painted') ? t('painted') : '';
  },
});

// --- History ---

const tidy = () => {
  element.querySelector('[data-do=undo]').disabled = !steps.length;
  element.querySelector('[data-do=redo]').disabled = !undone.length;
  element.querySelector('[data-do=clear]').disabled = !inked;
  easel.classList.toggle('inked', inked);
  showTracer();
};

// Tells the rest of the page what is drawn, as the component's value. That takes some milliseconds, and the picture
// comes first.
let telling = 0;
const tell = () => {
  clearTimeout(telling);
  telling = setTimeout(() => (props.value = inked ? drawn() : ''), 250);
};

const commit = () => {
  tidy();
  remember();
  tell();
};

const redraw = () => {
  touch();
  screen.draw(steps);
  small.draw(steps);
  inked = !small.blank;
  hush();
  closeVersions();
  painter.overtake();
  commit();
};

const liftPen = () => (liftKeys(), stroke && finish()); // whatever comes in the middle of a stroke comes after it

const add = (step) => {
  liftPen();
  if (step.fresh) setView(WHOLE);
  steps.push(step);
  undone = [];
  redraw();
};

const undo = () => (liftPen(), steps.length && (undone.push(steps.pop()), redraw()));
const redo = () => (liftPen(), undone.length && (steps.push(undone.pop()), redraw()));
const clear = () => inked && (add({ strokes: [], fresh: true }), say(t('cleared')));

// --- Toolbar ---

$('.palette').replaceChildren(
  ...NAMES.map((name) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'swatch' });
    button.dataset.colour = name;
    button.style.setProperty('--swatch', PALETTE[name]);
    button.title = t('colour_' + name);
    button.setAttribute('aria-label', button.title);
    return button;
  }),
);

const width = $('.width input');
const showTool = () => {
  for (const b of element.querySelectorAll('.swatch')) b.setAttribute('aria-pressed', b.dataset.colour === tool);
  $('[data-do=eraser]').setAttribute('aria-pressed', tool === 'erase');
  $('[data-do=mirror]').setAttribute('aria-pressed', mirror);
  easel.classList.toggle('mirror', mirror);
  width.value = widths[kind()];
  const dot = $('.dot').style;
  dot.setProperty('--dot', `${Math.max(2, (widths[kind()] / SIDE) * sheet.clientWidth)}px`);
  sheet.style.setProperty('--line', widths[kind()] / SIDE);
  dot.setProperty('--ink', PALETTE[tool] ?? 'transparent');
};
let told = false;
const take = (name) => {
  if (name !== 'erase') ink = name;
  tool = name;
  showTool();
  if (kind() === 'hint' && !told) say(t('colour_first'));
  told ||= kind() === 'hint';
};

const ACTIONS = {
  undo,
  redo,
  clear,
  eraser: () => take(tool === 'erase' ? ink : 'erase'),
  mirror: () => ((mirror = !mirror), showTool()),
  enlarge: () => $('[data-do=enlarge]').setAttribute('aria-pressed', easel.classList.toggle('enlarged')),
  surprise: () => surprise(),
  share: () => share(),
};

element.addEventListener('click', (event) => {
  const { do: action, colour, save: what, open: wanted } = event.target.closest('button')?.dataset ?? {};
  if (action) ACTIONS[action]();
  if (what || wanted) closeMenus();
  if (colour) take(colour);
  if (what) save(what);
  if (wanted) choose(wanted);
});
width.addEventListener('input', () => ((widths[kind()] = Number(width.value)), showTool()));
const compare = (percent) => {
  $('.compare').value = percent;
  $('.frame').style.setProperty('--cut', percent / 100);
  $('.frame').classList.toggle('comparing', percent > 0);
  small.print($('.before'));
};
$('.compare').addEventListener('input', ({ target }) => compare(Number(target.value)));

// --- The page around: sizes, models, pictures from Python ---

const fit = () => {
  const pixels = Math.round(sheet.clientWidth * devicePixelRatio);
  if (!pixels || canvas.width === pixels) return; // hidden behind another tab
  $('.colour').width = canvas.width = pixels;
  screen.resize(pixels);
  screen.draw(steps, stroke);
  showTool();
};
new ResizeObserver(fit).observe(sheet);
// On another screen the same size may have more pixels.
const onScreen = () => {
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', onScreen, { once: true });
  fit();
};
onScreen();

const useModel = () => {
  for (const c of [proof, $('.before')]) c.width = c.height = props.model_size;
  small.resize(props.model_size);
  $('.where').textContent = props.model_where;
  easel.classList.toggle('hintless', !props.model_hints); // coloured pens are of no use to it
  $('.how').textContent = t(props.model_hints ? 'how' : 'how_lines');
  if (!props.model_hints) (ink = 'ink'), take(tool === 'erase' ? tool : ink);
  $('.foretaste').hidden = props.model_name !== props.foretaste_of;
  small.draw(steps, stroke);
  touch();
  painter.overtake();
};
watch(['model_name', 'model_size', 'model_where', 'model_hints'], useModel);
watch('value', () => {
  if (!String(props.value).startsWith('data:image/')) return;
  loaded(props.value).then((image) => add(imageStep(image)));
});
