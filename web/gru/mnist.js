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

/** Take the first n images and labels of two IDX files.
    Returns { images, labels, n }: n * 28 * 28 bytes, 0 for paper and 255 for ink, and n digits.
    Throws a sentence where the two do not belong together, or hold fewer. */
export function takeDigits(images, labels, n) {
  const [count] = labels.shape;
  if (images.shape.slice(1).join() !== "28,28" || labels.shape.length !== 1 || images.shape[0] !== count) {
    throw new Error(
      `there must be as many labels as images of 28 by 28 pixels, but the images are ` +
        `${images.shape.join(" x ")} and the labels ${labels.shape.join(" x ")}`,
    );
  }
  if (n > count) throw new Error(`the files hold ${count} images, too few for ${n}`);
  if (labels.values.some((label) => label > 9)) throw new Error("a label is not a digit from 0 to 9");
  return { n, images: images.values.subarray(0, n * 784), labels: labels.values.subarray(0, n) };
}

/** The images of these numbers, as n * 28 * 28 shares of ink from 0 to 1. */
export function pixelsOf({ images }, ids) {
  const pixels = new Float32Array(ids.length * 784);
  for (let i = 0, k = 0; i < ids.length; i++) {
    for (let j = 784 * ids[i]; j < 784 * (ids[i] + 1); j++, k++) pixels[k] = images[j] / 255;
  }
  return pixels;
}
