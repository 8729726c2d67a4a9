/* From the strokes of a pen to an image as MNIST's were prepared. */

export const SIDE = 28; // pixels of the image
const BOX = 20; // the longer side of every MNIST digit
const MIDDLE = 14.5; // where its center of mass lies, on average, from the upper and left edge
export const PEN = 1.3; // the pen's radius in pixels: a digit then has as much ink as MNIST's have

/** Turn strokes into an image. strokes: arrays of [x, y], both from 0 to 1 across the pad.
    Scales the drawing so that its longer side, pen included, is 20 pixels, and moves it until its
    center of mass is where MNIST has it. Returns 28 * 28 numbers, row by row, from 0 for paper to 1
    for ink. */
export function prepare(strokes, pen = PEN) {
  const points = strokes.flat();
  if (!points.length) return new Float32Array(SIDE * SIDE);
  const range = (i) => points.reduce(
    ([low, high], p) => [Math.min(low, p[i]), Math.max(high, p[i])], [Infinity, -Infinity],
  );
  const [[left, right], [top, bottom]] = [range(0), range(1)];
  // What is smaller than a tenth of the pad is taken for small: a dot stays a dot.
  const scale = (BOX - 2 * pen) / Math.max(right - left, bottom - top, 0.1);
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  const inkAround = (x, y) =>
    inkOf(strokes.map((s) => s.map((p) => [(p[0] - middleX) * scale + x, (p[1] - middleY) * scale + y])), pen);
  const [x, y] = centerOfMass(inkAround(SIDE / 2, SIDE / 2));
  return inkAround(SIDE / 2 + MIDDLE - x, SIDE / 2 + MIDDLE - y);
}

/* How much of each pixel the pen covers, by the distance of its middle to the nearest segment. */
function inkOf(strokes, pen) {
  const image = new Float32Array(SIDE * SIDE);
  for (const stroke of strokes) {
    for (let k = 0; k < Math.max(1, stroke.length - 1); k++) {
      drawSegment(image, stroke[k], stroke[k + 1] ?? stroke[k], pen);
    }
  }
  return image;
}

function drawSegment(image, a, b, pen) {
  const [left, right] = span(a[0], b[0], pen);
  const [top, bottom] = span(a[1], b[1], pen);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const distance = distanceTo(column + 0.5, row + 0.5, a, b);
      const ink = Math.min(1, Math.max(0, pen + 0.5 - distance));
      const pixel = row * SIDE + column;
      if (ink > image[pixel]) image[pixel] = ink;
    }
  }
}

/* The pixels, first and last, that the pen can reach on its way from a to b. */
function span(a, b, pen) {
  return [
    Math.max(0, Math.floor(Math.min(a, b) - pen)),
    Math.min(SIDE - 1, Math.ceil(Math.max(a, b) + pen)),
  ];
}

/* How far a place is from the segment between a and b. */
function distanceTo(x, y, a, b) {
  const [alongX, alongY] = [b[0] - a[0], b[1] - a[1]];
  const length = alongX ** 2 + alongY ** 2;
  const share = length ? ((x - a[0]) * alongX + (y - a[1]) * alongY) / length : 0;
  const s = Math.min(1, Math.max(0, share));
  return Math.hypot(x - a[0] - s * alongX, y - a[1] - s * alongY);
}

function centerOfMass(image) {
  let [sum, x, y] = [0, 0, 0];
  image.forEach((ink, pixel) => {
    sum += ink;
    x += ink * ((pixel % SIDE) + 0.5);
    y += ink * (Math.floor(pixel / SIDE) + 0.5);
  });
  return [x / sum, y / sum];
}
