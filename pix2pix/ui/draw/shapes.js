// Strokes that are drawn by their corners.

const outline = (corners) => {
  const [first, ...others] = [...corners, corners[0]];
  return [...first, ...others.slice(0, -1).flatMap((corner) => [...corner, ...corner]), ...others.at(-1)];
};

// `pen`: a stroke without its points. Lines of ink go round a shape, with sharp corners; all else fills it.
export const closed = ({ c, w, m }, corners) => {
  if (corners.length < 3) return { c, w, m, p: corners.flat() };
  if (c === 'ink') return { c, w, m, p: outline(corners) };
  return { c, w: 1, m, f: 1, p: corners.flat() };
};

// From one place to another, while the pen is drawn.
export const SPANS = {
  line: ({ c, w, m }, from, to) => ({ c, w, m, p: [...from, ...to] }),
  rectangle: (pen, [x0, y0], [x1, y1]) =>
    closed(pen, [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ]),
};
