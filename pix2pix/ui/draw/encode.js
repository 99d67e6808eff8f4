// What the server gets of a paper: its lines on white, and its strokes of colour apart from them.
const inkUrl = (paper, canvas) => paper.print(canvas, [paper.layers[0]]).toDataURL();
const huesUrl = ({ layers: [, colour] }) => (isBlank(colour) ? null : colour.canvas.toDataURL());

// Of the drawing as it stands. Each of the two is encoded anew only when it was drawn on.
const encoded = {};
let edition = 1; // its number
const touch = (c) => {
  edition++;
  if (c !== 'ink') delete encoded.hints;
  if (!c || c === 'ink' || c === 'erase') delete encoded.image;
};
const drawn = () => {
  if (stroke) touch(stroke.c); // it grows
  encoded.image ??= inkUrl(small, proof);
  if (encoded.hints === undefined) encoded.hints = huesUrl(small);
  return { ...encoded };
};
