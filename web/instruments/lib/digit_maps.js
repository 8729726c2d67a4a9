/* The digit microscope's maps, a line for each row of the image, and its bars. */

import { answerOf } from "../../gru/digit_reader.js";
import { SIDE } from "../../gru/strokes.js";
import { clamp, el, percent, placeOf, setText } from "./page.js";

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

/** Paint a map of 28 rows over a canvas. value(t, i): from 0, transparent, to 1, the full color
    (#rrggbb). */
export function paint(canvas, color, value) {
  const context = canvas.getContext("2d");
  const columns = canvas.width;
  const pixels = context.createImageData(columns, SIDE);
  const rgb = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  for (let t = 0, k = 0; t < SIDE; t++) {
    for (let i = 0; i < columns; i++, k += 4) {
      for (let c = 0; c < 3; c++) pixels.data[k + c] = rgb[c];
      pixels.data[k + 3] = 255 * value(t, i);
    }
  }
  context.putImageData(pixels, 0, 0);
}

/** Make the four maps. choose(row) is called where a mouse points at a row. Returns { node, show };
    show(image, steps, row, order, colors) shows what is read of an image after so many rows. */
export function makeMaps(choose) {
  const maps = {
    x: makeMap("what it sees", SIDE, choose),
    z: makeMap("update gate z", 64, choose),
    r: makeMap("reset gate r", 64, choose),
    p: makeMap("what it says", 10, choose),
  };
  maps.p.node.append(el("div", { className: "digit-columns" }, ...DIGITS.map((d) => el("span", {}, String(d)))));
  const all = Object.values(maps);
  const show = (image, steps, row, order, colors) => {
    const read = steps.slice(0, row);
    paint(maps.x.canvas, colors.ink, (t, i) => image[t * SIDE + i] * (t < row ? 1 : 0.22));
    paint(maps.z.canvas, colors.z, (t, i) => read[t]?.z[order[i]] ?? 0);
    paint(maps.r.canvas, colors.r, (t, i) => read[t]?.r[order[i]] ?? 0);
    paint(maps.p.canvas, colors.h, (t, digit) => read[t]?.probabilities[digit] ?? 0);
    for (const { line } of all) line.style.top = `${(100 * row) / SIDE}%`;
  };
  return { show, node: el("div", { className: "digit-maps" }, ...all.map((map) => map.node)) };
}

function makeMap(title, columns, choose) {
  const canvas = el("canvas", { width: columns, height: SIDE });
  const line = el("div", { className: "digit-line" });
  const look = (event) => choose(clamp(Math.ceil(placeOf(event, canvas)[1] * SIDE), 1, SIDE));
  canvas.onpointermove = (event) => event.pointerType === "mouse" && look(event); // a finger scrolls
  canvas.onclick = look;
  const node = el("div", { className: "digit-map", ariaHidden: "true" },
    el("p", {}, title), el("div", {}, canvas, line));
  return { canvas, line, node };
}

/** Make a bar for each digit. Returns { node, show }; show(step) takes what was made of a row, or
    nothing where nothing is read. */
export function makeBars() {
  const bars = DIGITS.map((digit) => ({ name: el("b", {}, String(digit)), bar: el("i"), share: el("span") }));
  const show = (step) => {
    bars.forEach(({ bar, share }, digit) => {
      const p = step?.probabilities[digit] ?? 0;
      bar.style.width = `${100 * p}%`;
      bar.className = step && digit === answerOf(step) ? "first" : "";
      setText(share, step ? percent(p) : "");
    });
  };
  const parts = bars.flatMap(({ name, bar, share }) => [name, el("div", {}, bar), share]);
  return { show, node: el("div", { className: "digit-bars", ariaHidden: "true" }, ...parts) };
}
