// node device_input.mjs FOLDER: prepares the drawings that the folder's cases.json lists, and writes what a network reads
// of them beside them, one file of float32 for each input.
// node device_input.mjs FOLDER SIZE: makes the folder's `answer` of a network, float32, the RGBA pixels of `picture`.

import { readFileSync, writeFileSync } from 'node:fs';
import { inputsOf, pixelsFrom } from '../pix2pix/ui/device/condition.js';

const [, , folder, size] = process.argv;
const pixelsOf = (name) => name && new Uint8ClampedArray(readFileSync(`${folder}/${name}`));
if (size) {
  const answer = new Float32Array(new Uint8Array(readFileSync(`${folder}/answer`)).buffer);
  writeFileSync(`${folder}/picture`, pixelsFrom(answer, Number(size)));
} else
  for (const { name, drawing, hints, style, model } of JSON.parse(readFileSync(`${folder}/cases.json`))) {
    const inputs = inputsOf(pixelsOf(drawing), pixelsOf(hints), style, model);
    for (const [input, { data }] of Object.entries(inputs)) writeFileSync(`${folder}/${name}.${input}`, data);
  }
