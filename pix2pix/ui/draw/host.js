// What the page around gives to the easel: Gradio's `gr.HTML` component, or another page in its place.
//
//   element        what holds the easel's HTML
//   props          its properties: the model (`model_name`, ...), the `value`, which is the drawing
//   server         functions that answer with a Promise: paint, trace, sample, like, device, covers (answers.py); a page
//                  that has no server gives those that it can do itself (site/answers.js)
//   raw            whether drawings go there as RGBA pixels, not as data URLs
//   trigger(event, {name})   asks for another model, where there are `choices`
//   watch(names, act)   calls `act` when one of these properties has changed
//
// Modules of the easel look for their buttons when they are loaded: connect() comes before that (start.js).

export let element, props, server, raw, watch, trigger, event;
export const connect = (host) => ({ element, props, server, raw = false, watch, trigger, event } = host);

export const $ = (selector) => element.querySelector(selector);
