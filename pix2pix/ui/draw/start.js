// The easel starts: js_on_load of the component calls this (ui/scripts.py).

import { localise } from '../texts.js';
import { connect } from './host.js';

export const start = async (host) => {
  connect(host);
  localise(host.element);
  const { open } = await import('./page.js');
  open();
};
