// A Web Worker that paints: it holds an exported network (export.py) and ONNX Runtime Web, and answers
//   {id, load: {network, bytes, runtime: {module, wasm, provider, threads}, model}}  with nothing, once it is ready;
//       until then it tells {id, come: bytes that have come}
//   {id, paint: {drawing, hints, style}, raw, side}  with {img: data URL, ms}, or {pixels, ms} where `raw`
//   {id, run: {name of an input: {data, dims}}}  with {data, dims} of the picture, as the network gives it
// as {id, answer}, or as {id, problem: a sentence in English, cut: whether a download failed}. `network`, `module` and
// `wasm` are addresses; `bytes` is the network's size, where it is known; the provider is ONNX Runtime's, 'webgpu' or
// 'wasm'; `model` is that of condition.js; `drawing` and `hints` are RGBA pixels; `side` is the picture's, in pixels.

import { inputsOf, pixelsFrom } from './condition.js';

let ort, session, model;

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

const load = async ({ network, bytes, runtime, ...rest }, tell) => {
  let come = 0;
  const hear = (more) => {
    come += more;
    tell({ come });
  };
  model = rest.model;
  const weights = new Uint8Array(await (await fetched(network, hear, bytes)).arrayBuffer());
  const wasmBinary = await unpacked(await fetched(runtime.wasm, hear));
  ort = await import(runtime.module);
  Object.assign(ort.env.wasm, { numThreads: runtime.threads ?? 1, wasmBinary });
  session = await ort.InferenceSession.create(weights, { executionProviders: [runtime.provider] });
};

const run = async (inputs) => {
  const tensors = Object.entries(inputs).map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]);
  const { picture } = await session.run(Object.fromEntries(tensors));
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

const encoded = async (pixels, side) => {
  const canvas = new OffscreenCanvas(model.size, model.size);
  canvas.getContext('2d').putImageData(new ImageData(pixels, model.size), 0, 0);
  const blob = await scaled(canvas, side).convertToBlob({ type: 'image/png' }); // browsers' JPEG blurs colours, the server's does not
  return new FileReaderSync().readAsDataURL(blob);
};

const paint = async ({ drawing, hints, style }, raw, side = model.size) => {
  const start = performance.now(),
    { data } = await run(inputsOf(drawing, hints, style, model)),
    pixels = pixelsFrom(data, model.size);
  const answer = raw ? { pixels } : { img: await encoded(pixels, side) };
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
