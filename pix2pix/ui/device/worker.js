// A Web Worker that paints: it holds an exported network (export.py) and ONNX Runtime Web, and answers
//   {id, load: {network, runtime: {module, wasm, provider}, model}}  with nothing, once it is ready
//   {id, paint: {drawing, hints, style}, raw}  with {img: data URL, ms}, or {pixels, ms} where `raw`
// as {id, answer}, or as {id, problem: a sentence in English}. `network`, `module` and `wasm` are addresses; the provider
// is ONNX Runtime's, 'webgpu' or 'wasm'; `model` is that of condition.js; `drawing` and `hints` are RGBA pixels.

import { inputsOf, pixelsFrom } from './condition.js';

let ort, session, model, canvas;

const fetched = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw Error(`${address} is not there (${response.status})`);
  return response;
};
const unpacked = async (address) => {
  const stream = (await fetched(address)).body.pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
};

const load = async ({ network, runtime, ...rest }) => {
  model = rest.model;
  canvas = new OffscreenCanvas(model.size, model.size);
  const weights = new Uint8Array(await (await fetched(network)).arrayBuffer());
  ort = await import(runtime.module);
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: await unpacked(runtime.wasm) });
  session = await ort.InferenceSession.create(weights, { executionProviders: [runtime.provider] });
};

const painted = async ({ drawing, hints, style }) => {
  const inputs = Object.entries(inputsOf(drawing, hints, style, model));
  const tensors = inputs.map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]);
  const { picture } = await session.run(Object.fromEntries(tensors));
  const pixels = pixelsFrom(await picture.getData(), model.size);
  picture.dispose();
  return pixels;
};

const encoded = async (pixels) => {
  canvas.getContext('2d').putImageData(new ImageData(pixels, model.size), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/png' }); // browsers' JPEG blurs colours, the server's does not
  return new FileReaderSync().readAsDataURL(blob);
};

const paint = async (frame, raw) => {
  const start = performance.now(),
    pixels = await painted(frame);
  const answer = raw ? { pixels } : { img: await encoded(pixels) };
  return { ...answer, ms: performance.now() - start };
};

self.onmessage = async ({ data: { id, load: network, paint: frame, raw } }) => {
  try {
    postMessage({ id, answer: await (network ? load(network) : paint(frame, raw)) });
  } catch (error) {
    postMessage({ id, problem: String(error) });
  }
};
