// What the server gets of a paper: its lines on white, and its strokes of colour apart from them.
const inkOf = (paper, canvas) => paper.print(canvas, [paper.layers[0]]).toDataURL();
const huesOf = ({ layers: [, colour] }) => (isBlank(colour) ? null : colour.canvas.toDataURL());

// Of the drawing as it stands. Each of the two is encoded anew only when it was drawn on.
const encoded = {};
const touch = (c) => {
  if (c !== 'ink') delete encoded.hints;
  if (!c || c === 'ink' || c === 'erase') delete encoded.image;
};
const drawn = () => {
  if (stroke) touch(stroke.c); // it grows
  encoded.image ??= inkOf(small, proof);
  if (encoded.hints === undefined) encoded.hints = huesOf(small);
  return { ...encoded };
};
