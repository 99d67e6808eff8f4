// Strokes with fewer points, for links.

// Ramer, Douglas, Peucker: [[x, y], ...] without the points nearer than `slack` to the line between their neighbours.
export const kept = (p, slack) => {
  const n = p.length / 2;
  const keep = new Set([0, n - 1]);
  const spans = [[0, n - 1]];
  while (spans.length) {
    const [a, b] = spans.pop();
    const [ax, ay, dx, dy] = [p[2 * a], p[2 * a + 1], p[2 * b] - p[2 * a], p[2 * b + 1] - p[2 * a + 1]];
    const length = Math.hypot(dx, dy);
    let far = 0;
    let worst = slack;
    for (let i = a + 1; i < b; i++) {
      const [x, y] = [p[2 * i] - ax, p[2 * i + 1] - ay];
      const distance = length ? Math.abs(x * dy - y * dx) / length : Math.hypot(x, y);
      if (distance > worst) [far, worst] = [i, distance];
    }
    if (!far) continue;
    keep.add(far);
    spans.push([a, far], [far, b]);
  }
  return [...keep].sort((a, b) => a - b).map((i) => [p[2 * i], p[2 * i + 1]]);
};

// A sharp corner is kept as a double point, else the curve through the middles would round it.
export const simplify = (p, slack = 0.7) =>
  kept(p, slack).flatMap(([x, y], i, points) => {
    if (i === 0 || i === points.length - 1) return [x, y];
    const [before, after] = [points[i - 1], points[i + 1]];
    const cut = Math.hypot(before[0] - 2 * x + after[0], before[1] - 2 * y + after[1]) / 8; // curve to corner
    return cut > 2 * slack ? [x, y, x, y] : [x, y];
  });

// A stroke with fewer points, for links: those that it would keep without pressures, and those where these change.
const STEP = 1.5; // parts
export const thinned = ({ p, r, ...stroke }) => {
  const anchors = [0];
  const last = r.length - 1;
  r.forEach((part, i) => {
    if (i && (i === last || Math.abs(part - r[anchors.at(-1)]) > STEP)) anchors.push(i);
  });
  const found = [0];
  for (let a = 0; a + 1 < anchors.length; a++) {
    let i = anchors[a];
    const kept = simplify(p.slice(2 * i, 2 * anchors[a + 1] + 2));
    for (let k = 2; k < kept.length; k += 2) {
      while (p[2 * i] !== kept[k] || p[2 * i + 1] !== kept[k + 1]) i++;
      found.push(i);
    }
  }
  return { ...stroke, p: found.flatMap((i) => [p[2 * i], p[2 * i + 1]]), r: found.map((i) => Math.round(r[i])) };
};
