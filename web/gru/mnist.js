/* MNIST's files: a header, then one byte a pixel or a label (the IDX format of the original). */

/** Read an IDX file of unsigned bytes, already unpacked. bytes: Uint8Array.
    Returns { shape, values }, values a Uint8Array. Throws a sentence where it is not one. */
export function readIdx(bytes, name = "the file") {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const axes = bytes[3];
  const announced = bytes.length >= 4 && header.getUint16(0) === 0 && bytes[2] === 8;
  if (!announced || axes < 1 || axes > 3 || bytes.length < 4 + 4 * axes) {
    throw new Error(`${name} is not an IDX file of bytes, as MNIST's files are`);
  }
  const shape = Array.from({ length: axes }, (_, i) => header.getUint32(4 + 4 * i));
  const values = bytes.subarray(4 + 4 * axes);
  const wanted = shape.reduce((a, b) => a * b, 1);
  if (values.length !== wanted) {
    throw new Error(`${name} is truncated: it announces ${wanted} bytes and holds ${values.length}`);
  }
  return { shape, values };
}

/** Take n images and labels from two IDX files, from the given one on.
    Returns { images, labels, n }: pixels from 0 to 1 (Float32Array, n * 28 * 28), digits. */
export function takeDigits(images, labels, start, n) {
  if (images.shape.slice(1).join() !== "28,28" || labels.shape[0] !== images.shape[0]) {
    throw new Error(
      `there must be as many labels as images of 28 by 28 pixels, but the images are ` +
        `${images.shape.join(" x ")} and the labels ${labels.shape.join(" x ")}`,
    );
  }
  if (start + n > labels.shape[0]) {
    throw new Error(`the files hold ${labels.shape[0]} images, too few for ${n} from ${start} on`);
  }
  const pixels = images.values.subarray(start * 784, (start + n) * 784);
  return {
    n,
    images: Float32Array.from(pixels, (byte) => byte / 255),
    labels: Uint8Array.from(labels.values.subarray(start, start + n)),
  };
}
