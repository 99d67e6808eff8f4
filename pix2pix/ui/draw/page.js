// The whole easel. Modules that nobody imports are listed here; each finds its buttons and listens to them.

import './examples.js';
import './files.js';
import './finer.js';
import './keys.js';
import './menus.js';
import './pen.js';
import './save.js';
import './surprise.js';
import './trace.js';
import { choose, showCovers } from './choices.js';
import { easel } from './easel.js';
import { tidy } from './history.js';
import { forget, recall, remembersLink } from './memory.js';
import { useModel } from './model.js';
import { openLink } from './share.js';
import { showTool } from './toolbar.js';

export const open = () => {
  showTool();
  tidy();
  useModel();
  const byLink = location.hash.startsWith('#d=') && !remembersLink(location.hash);
  (byLink ? openLink() : recall().then(choose)).catch(forget);
  showCovers();
  easel.dataset.ready = ''; // from here on one can draw; before, nothing looks as if (canvas.css)
};
