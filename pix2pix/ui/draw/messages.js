// What the easel says, in a line under the drawing.

import { TEXTS } from '../data.js';
import { t } from '../texts.js';
import { message } from './easel.js';

let spoken = 0;
export const say = (text, stays = false) => {
  message.textContent = text;
  clearTimeout(spoken);
  if (text && !stays) spoken = setTimeout(say, 6000, '');
};
// Says it until something else happens, with buttons that do something about it, each as [label, function].
export const offer = (text, ...choices) => {
  say(text, true);
  for (const [textContent, act] of choices) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent });
    button.addEventListener('click', act);
    message.append(' ', button);
  }
};
// What was said of the drawing as it was.
export const hush = () => ['offline', 'refused'].includes(message.dataset.state) || say('');

// What the server gives as its error: the name of a text, or a sentence.
export const worded = (error) => (TEXTS[error] ? t(error) : error);
// The server's answer to a single question; where there is none, or an error, says what went wrong.
export const asked = async (question) => {
  const answer = await Promise.resolve(question).catch(() => undefined);
  if (answer && !answer.error) return answer;
  say(worded(answer?.error ?? 'offline'));
};
