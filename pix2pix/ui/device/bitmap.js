// A picture as a data URL, made in a fraction of a millisecond: a Windows bitmap, which isn't compressed. Compressing a PNG
// would take four milliseconds of every frame of a stroke.

const HEAD = 54; // bytes

// RGBA pixels of a square, opaque.
export const bitmapOf = (pixels) => {
  const side = Math.sqrt(pixels.length / 4); // a multiple of 4, so that rows need no padding
  const file = new DataView(new ArrayBuffer(HEAD + 3 * side * side));
  file.setUint16(0, 0x424d); // "BM"
  const head = [file.byteLength, 0, HEAD, 40, side, -side]; // from the second byte on; minus: the uppermost row is first
  for (const [i, number] of head.entries()) file.setInt32(2 + 4 * i, number, true);
  file.setUint16(26, 1, true); // planes
  file.setUint16(28, 24, true); // bits of a pixel
  const bytes = new Uint8Array(file.buffer);
  for (let i = 0, j = HEAD; i < pixels.length; i += 4) {
    bytes[j++] = pixels[i + 2];
    bytes[j++] = pixels[i + 1];
    bytes[j++] = pixels[i];
  }
  if (bytes.toBase64) return `data:image/bmp;base64,${bytes.toBase64()}`;
  return new FileReaderSync().readAsDataURL(new Blob([bytes], { type: 'image/bmp' })); // in a Worker
};
