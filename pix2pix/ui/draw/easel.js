// The easel: tools, pen, history. `element`, `props`, `server` and `watch` come from gr.HTML.
localise(element);
const $ = (selector) => element.querySelector(selector);
const easel = $('.easel'), sheet = $('.paper'), canvas = $('.ink'), picture = $('.picture'), message = $('.message');
picture.alt = t('picture_alt');

const screen = new Paper(canvas, $('.colour')); // at the resolution of the screen
const small = newPaper(256); // at that of the network
const proof = newCanvas(256); // what is sent
let steps = [], undone = [], inked = false;
let tool = 'ink', ink = 'ink', hue = 'red', mirror = false, stroke = null, pointer = null;
let instead = null; // of drawing, a touch of the paper may 'fill' a panel or 'pick' a colour
const widths = { ink: 5, hint: 18, erase: 28 }; // each kind of tool remembers its own

const PAGE = Math.random().toString(36).slice(2); // so that the server knows which frames overtake which

let spoken = 0;
const say = (text, stays = false) => {
  message.textContent = text;
  clearTimeout(spoken);
  if (text && !stays) spoken = setTimeout(say, 6000, '');
};
// Says it until something else happens, with buttons that do something about it, each as [label, function].
const offer = (text, ...choices) => {
  say(text, true);
  for (const [textContent, act] of choices) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent });
    button.addEventListener('click', act);
    message.append(' ', button);
  }
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

const frame = () => (inked ? { ...drawn(), style: styleNow(), model: props.model_name } : null);

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
  showStyle();
};

// Tells the rest of the page what is drawn, as the component's value. That takes some milliseconds, and the picture
// comes first.
let telling = 0;
const tell = () => {
  clearTimeout(telling);
  telling = setTimeout(() => (props.value = inked ? { ...drawn(), style: styleNow() } : ''), 250);
};

const commit = () => {
  tidy();
  remember();
  tell();
  rest();
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
  steps.push(dressed(step));
  undone = [];
  redraw();
};

const undo = () => (liftPen(), steps.length && (undone.push(steps.pop()), redraw()));
const redo = () => (liftPen(), undone.length && (steps.push(undone.pop()), redraw()));
const clear = () => inked && (add({ strokes: [], fresh: true }), say(t('cleared')));

// --- Toolbar ---

const swatch = (c, label) => {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'swatch', title: label });
  button.dataset.colour = c;
  button.style.setProperty('--swatch', colourOf(c));
  button.setAttribute('aria-label', label);
  return button;
};
$('.palette').replaceChildren(swatch('ink', t('colour_ink')));

// A group of buttons with one stop for the Tab key; arrow keys go from button to button. `home` says which one is it.
const roving = (group) => {
  const all = () => [...group.querySelectorAll('button')];
  const home = (wanted) => all().forEach((button) => (button.tabIndex = button === wanted ? 0 : -1));
  group.addEventListener('focusin', ({ target }) => home(target));
  group.addEventListener('keydown', (event) => {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const there = all().filter((button) => button.offsetParent), at = there.indexOf(document.activeElement);
    there[(at + way + there.length) % there.length].focus();
  });
  return () => home(all().find((button) => button.getAttribute('aria-pressed') === 'true') ?? all()[0]);
};

const width = $('.width input');
const showTool = () => {
  for (const b of element.querySelectorAll('.swatch')) b.setAttribute('aria-pressed', b.dataset.colour === tool);
  $('[data-do=eraser]').setAttribute('aria-pressed', tool === 'erase');
  for (const name of ['fill', 'pick']) $(`[data-do=${name}]`).setAttribute('aria-pressed', instead === name);
  $('.any').classList.toggle('taken', tool.startsWith('#') && !$('.swatch[aria-pressed=true]'));
  if (tool.startsWith('#')) $('.any').style.setProperty('--swatch', tool);
  easel.classList.toggle('filling', instead === 'fill');
  easel.classList.toggle('picking', instead === 'pick');
  $('[data-do=mirror]').setAttribute('aria-pressed', mirror);
  easel.classList.toggle('mirror', mirror);
  width.value = widths[kind()];
  const dot = $('.dot').style;
  dot.setProperty('--dot', `${Math.max(2, (widths[kind()] / SIDE) * sheet.clientWidth)}px`);
  sheet.style.setProperty('--line', widths[kind()] / SIDE);
  dot.setProperty('--ink', tool === 'erase' ? 'transparent' : colourOf(tool));
};
let told = false;
const take = (name) => {
  if (name !== 'erase') ink = name;
  tool = name;
  if (kind() === 'hint') hue = name;
  if (kind() !== 'hint' || instead === 'pick') instead = null;
  showTool();
  if (kind() === 'hint' && !instead && !told) say(t('colour_first'));
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
  $('.how').textContent = t(!props.model_hints ? 'how_lines' : props.model_styles.length ? 'how_styles' : 'how');
  if (!props.model_hints) (ink = 'ink'), take(tool === 'erase' ? tool : ink);
  easel.classList.toggle('styleless', !props.model_styles.length);
  if (!props.model_styles.length && hue.startsWith('#')) (hue = 'red'), take(tool.startsWith('#') ? 'ink' : tool);
  buildStyles();
  $('.foretaste').hidden = props.model_name !== props.foretaste_of;
  small.draw(steps, stroke);
  touch();
  painter.overtake();
};
watch(['model_name', 'model_size', 'model_where', 'model_hints', 'model_styles'], useModel);
watch('value', () => {
  if (!String(props.value).startsWith('data:image/')) return;
  loaded(props.value).then((image) => add(imageStep(image)));
});
