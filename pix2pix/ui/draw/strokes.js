// Drawings as data.
//
// A drawing is a list of steps; one undo takes one step back:
//   {strokes: [stroke, ...], fresh: true?, image: {ink, colour}?}
// A fresh step starts on empty paper: an example, a file, a shared drawing, or nothing ("clear").
// A step has a `style` where the drawing takes on another one there.
// A stroke is {c: name of its colour, '#rrggbb' or 'erase', w: width, m: 1 if mirrored, p: [x, y, x, y, ...],
//   r: [parts of EVEN of the width at every point] where a pen was pressed harder and softer (ribbons.js),
//   f: 1 where the points are the border of a patch (panels.js)},
// in units of a square of SIDE, whatever the pixels of the screen.
export const SIDE = 512;

// The steps that are to be seen: from the last one that began on empty paper.
export const seen = (steps) =>
  steps.slice(
    Math.max(
      steps.findLastIndex((step) => step.fresh),
      0,
    ),
  );
