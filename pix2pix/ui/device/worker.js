// A Web Worker that paints: it holds an exported network (export.py) and ONNX Runtime Web, and answers
//   {id, load: {network, bytes, upscaler, runtime: {module, wasm, provider, threads}, model}}  with nothing, once it is
//       ready; until then it tells {id, come: bytes that have come}
//   {id, paint: {drawing, hints, style, sharp}, raw, side}  with {img: data URL, ms}, or {pixels, ms} where `raw`; without
//       `side` it is a bitmap, for a moment on the screen, with it a PNG
//   {id, run: {name of an input: {data, dims}}}  with {data, dims} of the picture, as the network gives it
// as {id, answer}, or as {id, problem: a sentence in English, cut: whether a download failed}. `network`, `upscaler` (may
// be left out), `module` and `wasm` are addresses; `bytes` is the network's size, where it is known; the provider is ONNX
// Runtime's, 'webgpu' or 'wasm'; `model` is that of condition.js; `drawing` and `hints` are RGBA pixels, and so is `sharp`,
// the drawing as large as a picture that the upscaler shall make; `side` is the picture's, in pixels.

import { bitmapOf } from './bitmap.js';
import { inputsOf, linesOf, pixelsFrom } from './condition.js';

let ort, session, upscaler, model;

class Cut extends Error {}

// `hear` is told how many bytes have come.
const fetched = async (address, hear, bytes) => {
  const pieces = [];
  try {
    const response = await fetch(address);
    if (!response.ok) throw Error(`${address} is not there (${response.status})`);
    const reader = response.body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      pieces.push(next.value);
      hear(next.value.length);
    }
  } catch (error) {
    throw new Cut(error.message);
  }
  const file = new Blob(pieces);
  if (bytes && file.size !== bytes) throw new Cut(`${address} has ${file.size} bytes, not ${bytes}`);
  return file;
};
const unpacked = (file) => new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();

const load = async ({ network, bytes, runtime, upscaler: small, ...rest }, tell) => {
  let come = 0;
  const hear = (more) => {
    come += more;
    tell({ come });
  };
  model = rest.model;
  const bytesOf = async (file) => new Uint8Array(await (await file).arrayBuffer());
  const weights = await bytesOf(fetched(network, hear, bytes));
  const more = small && (await bytesOf(fetched(small, hear)));
  const wasmBinary = await unpacked(await fetched(runtime.wasm, hear));
  ort = await import(runtime.module);
  Object.assign(ort.env.wasm, { numThreads: runtime.threads ?? 1, wasmBinary });
  session = await ort.InferenceSession.create(weights, { executionProviders: [runtime.provider] });
  upscaler = more && (await ort.InferenceSession.create(more, { executionProviders: ['wasm'] }));
};

const run = async (inputs, network = session) => {
  const tensors = Object.entries(inputs).map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]);
  const { picture } = await network.run(Object.fromEntries(tensors));
  const answer = { data: await picture.getData(), dims: picture.dims };
  picture.dispose();
  return answer;
};

// On a canvas of `side`, scaled smoothly from one to the next.
const scaled = (canvas, side) => {
  if (canvas.width === side) return canvas;
  const other = new OffscreenCanvas(side, side),
    g = other.getContext('2d');
  g.imageSmoothingQuality = 'high';
  g.drawImage(canvas, 0, 0, side, side);
  return other;
};

const canvasOf = (pixels) => {
  const side = Math.sqrt(pixels.length / 4),
    canvas = new OffscreenCanvas(side, side);
  canvas.getContext('2d').putImageData(new ImageData(pixels, side), 0, 0);
  return canvas;
};
const pixelsAt = (pixels, side) => {
  if (pixels.length === 4 * side * side) return pixels;
  return scaled(canvasOf(pixels), side).getContext('2d').getImageData(0, 0, side, side).data;
};

const encoded = async (pixels, side) => {
  const blob = await scaled(canvasOf(pixels), side).convertToBlob({ type: 'image/png' }); // browsers' JPEG blurs colours, the server's does not
  return new FileReaderSync().readAsDataURL(blob);
};

// A picture as the network gives it, with twice as many pixels a side.
const doubled = async (picture, size, sharp) => {
  const data =
    picture.length === size * size
      ? Float32Array.from({ length: 3 * picture.length }, (_, i) => picture[i % picture.length])
      : picture; // grey
  const lines = linesOf(pixelsAt(sharp, 2 * size), 2 * size, model);
  return (await run({ small: { data, dims: [1, 3, size, size] }, lines }, upscaler)).data;
};

const paint = async ({ drawing, hints, style, sharp }, raw, side) => {
  const start = performance.now();
  let { data } = await run(inputsOf(drawing, hints, style, model));
  let size = model.size;
  for (; upscaler && sharp && size < side; size *= 2) data = await doubled(data, size, sharp);
  const pixels = pixelsFrom(data, size);
  const answer = raw ? { pixels } : { img: side ? await encoded(pixels, side) : bitmapOf(pixels) };
  return { ...answer, ms: performance.now() - start };
};

const answerTo = async ({ id, load: network, paint: frame, run: inputs, raw, side }) => {
  try {
    const work = network
      ? load(network, (news) => postMessage({ id, ...news }))
      : frame
        ? paint(frame, raw, side)
        : run(inputs);
    postMessage({ id, answer: await work });
  } catch (error) {
    postMessage({ id, problem: String(error), cut: error instanceof Cut });
  }
};
// One after the other: a session runs once at a time.
let last = Promise.resolve();
self.onmessage = ({ data }) => {
  last = last.then(() => answerTo(data));
};
