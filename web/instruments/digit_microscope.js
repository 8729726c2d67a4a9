/* The digit microscope: draw a digit, and watch the trained GRU read it row by row.

   The network is the chapter's: GRU(64) and Dense(10). In the symbols of its equations, the rows of
   the image are x_1 ... x_28, and after each there are z, r, the candidate hTilde and the state h. */

import { dense, gruForward, makeCell, softmax } from "../gru/gru.js";
import { readWeights } from "../gru/weights.js";
import { loadChunks, loadWhenNear } from "./lib/chunks.js";
import {
  announcer, button, el, oncePerFrame, onLook, onPreset, percent, place, setText,
} from "./lib/page.js";

export const SIDE = 28; // pixels of the image, which are rows and features
const BOX = 20; // the longer side of every MNIST digit
const MIDDLE = 14.5; // where its center of mass lies, on average, from the upper and left edge
export const PEN = 1.3; // the pen's radius in pixels: a digit then has as much ink as MNIST's have

/** Turn strokes into an image as MNIST's were prepared.
    strokes: arrays of [x, y], both from 0 to 1 across the pad. Scales the drawing so that its longer
    side, pen included, is 20 pixels, and moves it until its center of mass is where MNIST has it.
    Returns 28 * 28 numbers, row by row, from 0 for paper to 1 for ink. */
export function prepare(strokes, pen = PEN) {
  const points = strokes.flat();
  if (!points.length) return new Float32Array(SIDE * SIDE);
  const [low, high] = [points[0].slice(), points[0].slice()];
  for (const point of points) {
    for (const i of [0, 1]) {
      low[i] = Math.min(low[i], point[i]);
      high[i] = Math.max(high[i], point[i]);
    }
  }
  // What is smaller than a tenth of the pad is taken for small: a dot stays a dot.
  const scale = (BOX - 2 * pen) / Math.max(high[0] - low[0], high[1] - low[1], 0.1);
  const at = (shift) =>
    strokes.map((stroke) =>
      stroke.map((p) => [0, 1].map((i) => (p[i] - (low[i] + high[i]) / 2) * scale + shift[i])),
    );
  const [x, y] = centerOfMass(inkOf(at([SIDE / 2, SIDE / 2]), pen));
  return inkOf(at([SIDE / 2 + MIDDLE - x, SIDE / 2 + MIDDLE - y]), pen);
}

/* How much of each pixel the pen covers, by the distance of its middle to the nearest segment. */
function inkOf(strokes, pen) {
  const image = new Float32Array(SIDE * SIDE);
  for (const stroke of strokes) {
    for (let k = 0; k < Math.max(1, stroke.length - 1); k++) {
      const [a, b] = [stroke[k], stroke[k + 1] ?? stroke[k]];
      const along = [b[0] - a[0], b[1] - a[1]];
      const length = along[0] ** 2 + along[1] ** 2;
      const [left, right] = span(a[0], b[0], pen);
      const [top, bottom] = span(a[1], b[1], pen);
      for (let row = top; row <= bottom; row++) {
        for (let column = left; column <= right; column++) {
          const from = [column + 0.5 - a[0], row + 0.5 - a[1]];
          const share = length ? (from[0] * along[0] + from[1] * along[1]) / length : 0;
          const s = Math.min(1, Math.max(0, share));
          const distance = Math.hypot(from[0] - s * along[0], from[1] - s * along[1]);
          const ink = Math.min(1, Math.max(0, pen + 0.5 - distance));
          const pixel = row * SIDE + column;
          if (ink > image[pixel]) image[pixel] = ink;
        }
      }
    }
  }
  return image;
}

function span(a, b, pen) {
  const reach = pen + 1;
  return [
    Math.max(0, Math.floor(Math.min(a, b) - reach)),
    Math.min(SIDE - 1, Math.ceil(Math.max(a, b) + reach)),
  ];
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

/** The network from its weights, as readWeights returns them. */
export function makeReader(weights) {
  const cell = makeCell({
    W: weights.gru_kernel,
    U: weights.gru_recurrent_kernel,
    b: weights.gru_bias,
  });
  /** Read an image. Returns one { z, r, hTilde, h, probabilities } for each of its rows. */
  return (image) => {
    const rows = Array.from({ length: SIDE }, (_, t) => image.subarray(t * SIDE, (t + 1) * SIDE));
    return gruForward(rows, cell).map((step) => ({
      ...step,
      probabilities: softmax(dense(step.h, weights.dense_kernel, weights.dense_bias)),
    }));
  };
}

/** The digit with the largest probability. */
export function answerOf({ probabilities }) {
  return probabilities.indexOf(Math.max(...probabilities));
}

/** The first row, counted from 1, from which on the answer stays the last one. */
export function knownFrom(steps) {
  const answers = steps.map(answerOf);
  let t = answers.length;
  while (t > 1 && answers[t - 2] === answers.at(-1)) t--;
  return t;
}

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);
const PAUSE = 45; // milliseconds a row, when the reading is played
const PAD_PEN = 0.042; // the pen's radius on the pad, as a share of its side
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function build(root) {
  let strokes = []; // what was drawn, or
  let example = null; // the image that is shown in its stead
  let image = new Float32Array(SIDE * SIDE);
  let read = null; // the network, once its weights are there
  let steps = []; // what it made of the image
  let order = null; // the units, in the order in which the maps show them
  let row = SIDE;
  let playing = null;
  let color = {};
  const pen = { x: 0.5, y: 0.3, down: false }; // the keyboard's

  const pad = el("canvas", { className: "digit-pad", tabIndex: 0, role: "application",
    ariaLabel: "Drawing pad. Arrow keys move the pen, the space bar puts it down and lifts it, Delete clears." });
  const said = el("div", { className: "digit-said" });
  const verb = el("span");
  const answered = el("strong");
  said.append(verb, answered);
  const stays = el("span");
  const jump = button("", () => {
    stop();
    show(knownFrom(steps));
  });
  const settled = el("p", { className: "digit-settled" }, el("b", {}, "When did it know? "), stays, jump);
  const bars = el("div", { className: "digit-bars", ariaHidden: "true" });
  const barOf = DIGITS.map((digit) => {
    const [bar, share] = [el("i"), el("span")];
    bars.append(el("b", {}, String(digit)), el("div", {}, bar), share);
    return { bar, share };
  });
  const maps = {
    x: map("what it sees", SIDE),
    z: map("update gate z", 64),
    r: map("reset gate r", 64),
    p: map("what it says", 10),
  };
  maps.p.node.append(el("div", { className: "digit-columns" }, ...DIGITS.map((d) => el("span", {}, String(d)))));
  const slider = el("input", { type: "range", min: 1, max: SIDE, value: SIDE, ariaLabel: "Rows read" });
  const where = el("output", { className: "digit-row" });
  const play = button("▶ read it again", () => start(performance.now()));
  const examples = el("div", { className: "digit-examples", role: "group", ariaLabel: "Handwritten examples" });

  root.append(
    el("p", { className: "instrument-title", textContent: "Digit microscope" }),
    el("p", { className: "instrument-lead", textContent:
      "Draw a digit with mouse, pen or finger. The chapter’s trained GRU reads it from the top row to the bottom row; below you see its gates, and what it would say after each row." }),
    loadWhenNear(root, gather, ready),
    el("div", { className: "digit-top" },
      el("div", {}, pad, el("div", { className: "instrument-buttons" },
        button("clear", clear), button("undo", undo)),
        el("p", { className: "instrument-keys" }, "Keys: arrows move the pen, space draws, Delete clears.")),
      el("div", { className: "digit-answer" }, said, bars, settled)),
    el("p", { className: "digit-or" }, "Or take a digit of the test set:"),
    examples,
    el("div", { className: "digit-maps" }, ...Object.values(maps).map((one) => one.node)),
    el("div", { className: "digit-scrub" }, play, slider, where),
  );
  const say = announcer(root);
  const refresh = oncePerFrame(draw);

  /* ---- from the drawing to what the network makes of it ---- */

  function change() {
    image = example ?? prepare(strokes);
    steps = read && image.some((ink) => ink > 0) ? read(image) : [];
    refresh();
  }

  function finished() {
    change();
    if (!steps.length) return;
    const now = performance.now();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) show(SIDE);
    else start(now);
    say(`It says ${answerOf(steps.at(-1))}, at ${percent(Math.max(...steps.at(-1).probabilities))}.`);
  }

  function show(to) {
    row = to;
    slider.value = row;
    refresh();
  }

  /* The row follows the clock, not the frames: a tab in the background misses nothing. */
  function start(began) {
    stop();
    if (!steps.length) return;
    const tick = (now) => {
      const at = Math.min(SIDE, 1 + Math.floor((now - began) / PAUSE));
      show(Math.max(1, at));
      playing = at < SIDE ? requestAnimationFrame(tick) : null;
    };
    playing = requestAnimationFrame(tick);
  }

  function stop() {
    cancelAnimationFrame(playing);
    playing = null;
  }

  function clear() {
    stop();
    strokes = [];
    example = null;
    pen.down = false;
    for (const one of examples.children) one.ariaPressed = "false";
    show(SIDE);
    change();
    say("The pad is empty.");
  }

  function undo() {
    stop();
    if (example) return clear();
    strokes.pop();
    show(SIDE);
    change();
  }

  /* ---- drawing, by hand and by keys ---- */

  function begin(point) {
    stop();
    if (example) clear();
    row = SIDE;
    slider.value = SIDE;
    strokes.push([point]);
    change();
  }

  function extend(point) {
    const stroke = strokes.at(-1);
    const last = stroke.at(-1);
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < 0.004) return;
    stroke.push(point);
  }

  const placeOf = (event) => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const drawn = oncePerFrame(change);
  pad.onpointerdown = (event) => {
    if (event.button) return;
    pad.setPointerCapture(event.pointerId);
    begin(placeOf(event));
  };
  pad.onpointermove = (event) => {
    if (!pad.hasPointerCapture(event.pointerId) || !strokes.length) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) extend(placeOf(one));
    drawn();
  };
  pad.onpointerup = pad.onpointercancel = () => strokes.length && finished();

  pad.onkeydown = (event) => {
    const by = KEYS[event.key];
    if (by) {
      pen.x = Math.min(0.95, Math.max(0.05, pen.x + 0.05 * by[0]));
      pen.y = Math.min(0.95, Math.max(0.05, pen.y + 0.05 * by[1]));
      if (pen.down) extend([pen.x, pen.y]);
    } else if (event.key === " " || event.key === "Enter") {
      pen.down = !pen.down;
      if (pen.down) begin([pen.x, pen.y]);
      else finished();
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo();
    else return;
    event.preventDefault();
    if (by && !pen.down) {
      refresh();
      say(`Pen ${Math.round(100 * pen.x)} from the left, ${Math.round(100 * pen.y)} from the top.`);
    } else change();
  };
  pad.onfocus = pad.onblur = refresh;
  slider.oninput = () => {
    stop();
    show(Number(slider.value));
  };

  /* ---- showing ---- */

  function draw() {
    if (!color.ink) return;
    drawPad(pad, { strokes, example, pen: document.activeElement === pad && pen, color });
    const shown = steps.slice(0, row);
    maps.x.paint(color.ink, (t, i) => image[t * SIDE + i] * (t < row ? 1 : 0.22));
    for (const [name, gate] of [["z", "z"], ["r", "r"]]) {
      maps[name].paint(color[name], (t, i) => shown[t]?.[gate][order[i]] ?? 0);
    }
    maps.p.paint(color.h, (t, digit) => shown[t]?.probabilities[digit] ?? 0);
    for (const one of Object.values(maps)) one.line.style.top = `${(100 * row) / SIDE}%`;
    const now = shown.at(-1);
    root.classList.toggle("is-empty", !now);
    barOf.forEach(({ bar, share }, digit) => {
      const p = now ? now.probabilities[digit] : 0;
      bar.style.width = `${100 * p}%`;
      bar.className = now && digit === answerOf(now) ? "first" : "";
      setText(share, now ? percent(p) : "");
    });
    setText(where, `row ${row} of ${SIDE}`);
    settled.hidden = !now;
    slider.disabled = play.disabled = !now;
    if (!now) {
      setText(verb, read ? "Draw a digit on the pad." : "");
      return setText(answered, "");
    }
    const answer = answerOf(now);
    setText(verb, row === SIDE ? "It says" : `After row ${row} it would say`);
    setText(answered, String(answer));
    slider.ariaValueText = `row ${row} of ${SIDE}: ${answer}, at ${percent(now.probabilities[answer])}`;
    const from = knownFrom(steps);
    setText(stays, `From row ${from} on its answer stays ${answerOf(steps.at(-1))}. `);
    setText(jump, `show row ${from}`);
  }

  function map(title, columns) {
    const canvas = el("canvas", { width: columns, height: SIDE });
    const line = el("div", { className: "digit-line" });
    const node = el("figure", { className: "digit-map", ariaHidden: "true" },
      el("figcaption", {}, title), el("div", {}, canvas, line));
    canvas.onpointermove = canvas.onpointerdown = (event) => {
      if (event.pointerType !== "mouse" || !steps.length) return;
      stop();
      const box = canvas.getBoundingClientRect();
      show(Math.min(SIDE, Math.max(1, Math.ceil(((event.clientY - box.top) / box.height) * SIDE))));
    };
    const context = canvas.getContext("2d");
    return {
      node,
      line,
      paint: (color, value) => paint(context, columns, color, value),
    };
  }

  /* ---- weights and examples, once the reader comes near ---- */

  async function gather(onProgress) {
    const [weights, found] = await Promise.all([
      loadChunks("mnist_rows", onProgress),
      loadChunks("digit_examples"),
    ]);
    return { network: makeReader(readWeights(weights)), images: imagesOf(found), labels: found.labels };
  }

  function ready({ network, images, labels }) {
    order = unitsByGate(images.map(network));
    read = network;
    examples.replaceChildren(...images.map((one, i) => exampleButton(one, labels[i])));
    if (strokes.length) finished();
    else take(0, false);
    onPreset("digit-microscope", (name) => {
      const i = Number(name.replace("example-", "")) - 1;
      if (examples.children[i]) take(i, true);
    });
  }

  function exampleButton(one, label) {
    const picture = el("canvas", { width: SIDE, height: SIDE });
    paint(picture.getContext("2d"), SIDE, "#808080", (t, i) => one[t * SIDE + i]);
    const node = button("", () => take([...examples.children].indexOf(node), true));
    node.append(picture);
    node.ariaLabel = `a handwritten ${label}`;
    node.image = one;
    return node;
  }

  function take(i, animate) {
    clear();
    example = examples.children[i].image;
    examples.children[i].ariaPressed = "true";
    if (animate) finished();
    else change();
  }

  clear();
  onLook(root, () => {
    const look = getComputedStyle(root);
    for (const name of ["ink", "z", "r", "h"]) color[name] = look.getPropertyValue(`--${name}`).trim();
    refresh();
  });
}

function imagesOf({ images, labels }) {
  const bytes = Uint8Array.from(atob(images), (character) => character.charCodeAt(0));
  return labels.map((_, i) =>
    Float32Array.from(bytes.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), (byte) => byte / 255),
  );
}

/* Paint a map of 28 rows. value(t, i): from 0, transparent, to 1, the full color (#rrggbb). */
function paint(context, columns, color, value) {
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

/* The units from the one that keeps least to the one that keeps most, over all examples. */
function unitsByGate(readings) {
  const sums = new Float64Array(64);
  for (const step of readings.flat()) step.z.forEach((z, unit) => (sums[unit] += z));
  return Array.from(sums.keys()).sort((a, b) => sums[a] - sums[b]);
}

function drawPad(pad, { strokes, example, pen, color }) {
  const side = Math.round(pad.clientWidth * devicePixelRatio) || 280;
  if (pad.width !== side) pad.width = pad.height = side;
  const context = pad.getContext("2d");
  context.clearRect(0, 0, side, side);
  context.strokeStyle = color.ink;
  if (example) {
    const picture = pad.picture ??= el("canvas", { width: SIDE, height: SIDE });
    paint(picture.getContext("2d"), SIDE, color.ink, (t, i) => example[t * SIDE + i]);
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, side, side);
  }
  context.lineWidth = 2 * PAD_PEN * side;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * side, stroke[0][1] * side);
    for (const [x, y] of stroke.length > 1 ? stroke : [stroke[0], stroke[0]]) {
      context.lineTo(x * side, y * side);
    }
    context.stroke();
  }
  if (pen) {
    context.beginPath();
    context.arc(pen.x * side, pen.y * side, PAD_PEN * side * (pen.down ? 1 : 0.7), 0, 7);
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeStyle = color.z;
    context.stroke();
  }
}

place("digit-microscope", build);
