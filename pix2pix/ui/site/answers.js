// What the easel asks a server for, answered by the visitor's device: see ui/draw/answers.py.

// `imgs`: addresses of small pictures of the models, by name.
export const answersOf = (networkNow, imgs) => {
  let frames = 0; // that are on their way: swatches give way to them

  const numbersOf = (style, { styles }) => (Array.isArray(style) ? style : (styles[style ?? 0] ?? null));

  // Frames of the pen (`page`, see picture.js) overtake one another.
  const paint = async ({ image: drawing, hints, sharp, ...payload }) => {
    const network = networkNow();
    const { model, props } = network.facts;
    const side = Math.min((payload.scale ?? 1) * model.size, props.model_largest);
    frames++;
    try {
      if (!network.ready) throw Error('it is not loaded');
      const frame = { drawing, hints, sharp, style: numbersOf(payload.style, network.facts) };
      return await network.ask((device) => (payload.page ? device.paint(frame) : device.paintAlone(frame, side)));
    } catch {
      return { error: network.problem ?? 'frame_loading' };
    } finally {
      frames--;
    }
  };

  const sample = async ({ image: drawing, hints, styles }) => {
    const network = networkNow();
    await network.loaded;
    const numbers = styles.map((style) => numbersOf(style, network.facts));
    const unless = () => frames > 0 || network !== networkNow();
    if (unless()) return { imgs: [] };
    return { imgs: await network.ask((device) => device.paintStyles({ drawing, hints }, numbers, unless)) };
  };

  return { paint, sample, covers: () => ({ imgs }) };
};
