// The same picture with more pixels: on the screen when the pen rests, and in files.

import { paintsHere } from './device.js';
import { drawing, easel, on, picture } from './easel.js';
import { inkOf } from './encode.js';
import { props, server } from './host.js';
import { newCanvas, newPaper } from './paper.js';
import { frame, painter } from './picture.js';

const REST = 350; // ms, before the swatches of the styles

// A frame for a picture `scale` times as large as the network paints, with lines as sharp as that.
export const enlarged = (scale) => {
  if (scale === 1 || !props.model_upscales) return { ...frame(), scale };
  const side = Math.min(scale * props.model_size, props.model_largest),
    large = newPaper(side);
  large.draw(drawing.steps);
  return { ...frame(), scale, sharp: inkOf(large, newCanvas(side)) };
};

let waiting = 0;
const stay = () => {
  clearTimeout(waiting);
  easel.classList.remove('refining');
};

const refine = async () => {
  const { sent } = painter;
  const answer = await Promise.resolve(server.paint(enlarged(2))).catch(() => null);
  if (painter.sent !== sent) return; // another picture is on its way
  if (answer?.img && !drawing.stroke) picture.src = answer.img;
  stay();
};

on('busy', stay);
on('idle', () => {
  stay();
  if (paintsHere || !props.model_upscales || !drawing.inked || drawing.stroke) return;
  easel.classList.add('refining');
  waiting = setTimeout(refine, REST);
});
