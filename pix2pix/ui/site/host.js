// What components get where the page around is not Gradio's: their properties, and who hears of their changes.

export const newHost = (element, properties, more = {}) => {
  const props = { value: '', ...properties };
  const listeners = [];
  const watch = (names, act) => listeners.push([[names].flat(), act]);
  const set = (changes) => {
    Object.assign(props, changes);
    for (const [names, act] of listeners) if (names.some((name) => name in changes)) act();
  };
  return { element, props, watch, set, ...more };
};
