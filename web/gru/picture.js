/* A picture of a digit, brought into the form of MNIST's images. */

/** Turn pixels into 28 x 28 numbers from 0 (paper) to 1 (ink), as MNIST did it: the ink's box is
    scaled to 20 pixels and placed so that the ink's center of mass is the image's center.
    gray: width * height numbers from 0 to 1, either dark on light or light on dark.
    Throws a sentence where nothing is drawn. */
export function toMnist(gray, width, height) {
  const edge = [...gray.keys()].filter((i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  });
  const paper = edge.reduce((sum, i) => sum + gray[i], 0) / edge.length;
  const ink = Float32Array.from(gray, (value) => Math.abs(value - paper));
  const most = ink.reduce((a, b) => Math.max(a, b));
  if (most < 0.1) throw new Error("there is no digit in this picture: it has one color only");
  const marked = [...ink.keys()].filter((i) => ink[i] > 0.3 * most);
  const [xs, ys] = [marked.map((i) => i % width), marked.map((i) => Math.floor(i / width))];
  const range = (values) => values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, 0]);
  const [[left, right], [top, bottom]] = [range(xs), range(ys)];
  const scale = Math.max(right - left + 1, bottom - top + 1) / 20;

  // Each small pixel is the mean of those it covers.
  const small = new Float32Array(400);
  for (let j = 0; j < 400; j++) {
    const x0 = left + (j % 20) * scale;
    const y0 = top + Math.floor(j / 20) * scale;
    let [sum, count] = [0, 0];
    for (let y = Math.floor(y0); y < Math.max(y0 + scale, Math.floor(y0) + 1); y++) {
      for (let x = Math.floor(x0); x < Math.max(x0 + scale, Math.floor(x0) + 1); x++) {
        count += 1;
        if (x <= right && y <= bottom && ink[y * width + x] > 0.15 * most) sum += ink[y * width + x];
      }
    }
    small[j] = sum / count / most;
  }
  const mass = small.reduce((a, b) => a + b);
  const middle = (axis) => small.reduce((sum, value, j) => sum + value * axis(j), 0) / mass;
  const right4 = Math.round(13.5 - middle((j) => j % 20));
  const down4 = Math.round(13.5 - middle((j) => Math.floor(j / 20)));
  const image = new Float32Array(784);
  small.forEach((value, j) => {
    const [x, y] = [(j % 20) + right4, Math.floor(j / 20) + down4];
    if (x >= 0 && x < 28 && y >= 0 && y < 28) image[y * 28 + x] = value;
  });
  return image;
}
