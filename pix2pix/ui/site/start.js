// The page without a server: it gives the easel what Gradio gives it in the app, and a device that answers.

import { TEXTS } from '../data.js';
import { metered } from '../device/trial.js';
import { connect } from '../draw/host.js';
import { LANG, localise, t } from '../texts.js';
import { answersOf } from './answers.js';
import { newArrival } from './arrival.js';
import { newHost } from './host.js';
import { keep } from './keep.js';
import { Network } from './network.js';
import { startTabs } from './tabs.js';

const facts = JSON.parse(document.querySelector('#facts').textContent); // see site.py
const element = document.querySelector('#easel');

localise(document.body);
document.querySelector('.masthead').innerHTML = TEXTS.masthead[LANG];
// What only a server can do: to trace a photo, and to measure its style.
for (const open of ['photo', 'style']) element.querySelector(`[data-open=${open}]`).remove();

let model = facts.models[0];
let network;
const covers = Object.fromEntries(facts.models.map(({ choice, cover }) => [choice.name, cover]));
const choices = facts.models.map(({ choice }) => choice);
const host = newHost(
  element,
  { ...model.props, choices },
  { server: answersOf(() => network, covers), raw: true, trigger: (_, { name }) => choose(name) },
);
connect(host);
const { open } = await import('../draw/page.js');
const { painter } = await import('../draw/picture.js');
const { say } = await import('../draw/messages.js');

const where = (who) => host.set({ model_where: t('device_where', { name: model.props.model_name, who }) });
const tell = newArrival(element.querySelector('.frame'), () => network.start());
const hear = (news) => {
  tell(news);
  if (news.gpu === undefined) return;
  where(t(news.gpu ? 'device_card' : news.small ? 'device_small' : 'device_processor'));
  painter.overtake();
  keepRest();
};
const use = (chosen) => {
  network?.close();
  model = chosen;
  network = new Network(model, facts.runtimes, (news) => model === chosen && hear(news));
};

// All that other tabs need is kept too, so that they open without network.
const keepRest = () => {
  if (!metered()) for (const { network: address } of [facts.digits].filter(Boolean)) fetch(address).catch(() => {});
};

let kept; // once the service worker is at work, so that it sees the large files come
const get = async () => {
  const mine = network;
  await kept;
  if (mine !== network) return;
  if (metered()) tell({ ask: await network.bytes() });
  else network.start();
};
const choose = (name) => {
  use(facts.models.find(({ choice }) => choice.name === name));
  host.set({ ...model.props, model_where: model.props.model_name });
  get();
};

const tabs = document.querySelector('[role=tablist]');
tabs.hidden = !facts.digits;
let openDigits; // loaded with the tab
startTabs(tabs, async ({ id }) => {
  if (id !== 'digits') return;
  openDigits ??= import('./digits.js').then(({ fillDigits }) =>
    fillDigits(document.querySelector('#digits'), facts.digits, facts.runtimes),
  );
  (await openDigits)();
});

use(model);
kept = keep((problem) => say(t(problem), true));
open();
get();
