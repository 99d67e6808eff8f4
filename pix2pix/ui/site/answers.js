// What the easel asks a server for, answered by the visitor's device: see ui/draw/answers.py.

const SWATCH = 128; // pixels

// `imgs`: addresses of small pictures of the models, by name.
export const answersOf = (networkNow, imgs) => {
  let frames = 0; // that are on their way: swatches give way to them

  const painted = (network, { image, hints, style }, act) => {
    const numbers = Array.isArray(style) ? style : (network.facts.styles[style ?? 0] ?? null);
    return network.ask((device) => act(device, { drawing: image, hints, style: numbers }));
  };

  // Frames of the pen (`page`, see picture.js) overtake one another.
  const paint = async (payload) => {
    const network = networkNow();
    const { model, props } = network.facts;
    const side = Math.min((payload.scale ?? 1) * model.size, props.model_largest);
    frames++;
    try {
      if (!network.ready) throw Error('it is not loaded');
      return await painted(network, payload, (device, frame) =>
        payload.page ? device.paint(frame) : device.paintAlone(frame, side),
      );
    } catch {
      return { error: network.problem ?? 'frame_loading' };
    } finally {
      frames--;
    }
  };

  const sample = async ({ styles, ...drawing }) => {
    const network = networkNow();
    const imgs = [];
    await network.loaded;
    for (const style of styles) {
      if (frames || network !== networkNow()) break;
      const { img } = await painted(network, { ...drawing, style }, (device, frame) =>
        device.paintAlone(frame, SWATCH),
      );
      imgs.push(img);
    }
    return { imgs };
  };

  return { paint, sample, covers: () => ({ imgs }) };
};
