/* The digit microscope: draw a digit, and watch the digits chapter's GRU read it row by row. */

import { answerOf, imagesOf, knownFrom, makeReader, unitsByGate } from "../gru/digit_reader.js";
import { prepare, SIDE } from "../gru/strokes.js";
import { pause, readWeights } from "../gru/weights.js";
import { makeBars, makeMaps, paint } from "./lib/digit_maps.js";
import { Pad } from "./lib/digit_pad.js";
import { loadWhenAsked } from "./lib/loading.js";
import {
  button, el, group, oncePerFrame, onLook, onPreset, percent, place, setText, slider,
} from "./lib/page.js";

const PAUSE = 45; // milliseconds a row, when the reading is played

class DigitMicroscope {
  strokes = []; // what was drawn, or
  example = null; // the image that is shown in its stead
  image = new Float32Array(SIDE * SIDE);
  read = null; // the network, once its weights are there
  steps = []; // what it made of the image
  order = null; // the units, in the order in which the maps show them
  row = SIDE;
  playing = null;
  colors = {};
  refresh = oncePerFrame(() => this.draw());
  changeSoon = oncePerFrame(() => this.change());

  verb = el("span");
  answered = el("strong");
  bars = makeBars();
  stays = el("span");
  jump = button("", () => this.scrub(this.known().row));
  settled = el("p", { className: "digit-settled" }, el("b", {}, "When did it know? "), this.stays, this.jump);
  examples = group("digit-examples", "Handwritten examples");
  maps = makeMaps((row) => this.steps.length && this.scrub(row));
  play = button("▶ read it again", () => this.start());
  rows = slider("Rows read", [1, SIDE, 1], SIDE);
  where = el("span", { className: "digit-row" });

  constructor(root, say) {
    Object.assign(this, { root, say });
    this.pad = new Pad({
      begin: (at) => this.begin(at),
      move: (at) => this.move(at),
      end: () => this.strokes.length && this.finish(),
      clear: () => this.clear(),
      undo: () => this.undo(),
      look: this.refresh,
    }, say);
    this.rows.oninput = () => this.scrub(Number(this.rows.value));
    root.append(
      el("p", { className: "instrument-lead" },
        "Draw a digit with mouse, pen or finger. The chapter’s trained GRU reads it from the top row to the bottom row; below you see its gates, and what it would say after each row."),
      loadWhenAsked(root, ["mnist_rows", "digit_examples"], make, (found) => this.ready(found)),
      el("div", { className: "digit-top" },
        el("div", {}, this.pad.canvas, el("div", { className: "instrument-buttons" },
          button("clear", () => this.clear()), button("undo", () => this.undo())),
        el("p", { className: "instrument-keys" }, "Keys: arrows move the pen, space draws, Delete clears.")),
        el("div", { className: "digit-answer" },
          el("div", { className: "digit-said" }, this.verb, this.answered), this.bars.node, this.settled)),
      el("p", { className: "digit-or" }, "Or take a digit of the test set:"),
      this.examples,
      this.maps.node,
      el("div", { className: "digit-scrub" }, this.play, this.rows, this.where),
    );
    this.clear();
    onLook(root, () => {
      const look = getComputedStyle(root);
      for (const name of ["ink", "z", "r", "h"]) this.colors[name] = look.getPropertyValue(`--${name}`).trim();
      this.refresh();
    });
  }

  /* ---- from the drawing to what the network makes of it ---- */

  begin(point) {
    this.stop();
    if (this.example) this.clear();
    this.show(SIDE);
    this.strokes.push([point]);
    this.change();
  }

  move(point) {
    const stroke = this.strokes.at(-1);
    const last = stroke?.at(-1);
    if (!stroke || Math.hypot(point[0] - last[0], point[1] - last[1]) < 0.004) return;
    stroke.push(point);
    this.changeSoon();
  }

  change() {
    this.image = this.example ?? prepare(this.strokes);
    this.steps = this.read && this.image.some((ink) => ink > 0) ? this.read(this.image) : [];
    this.refresh();
  }

  finish() {
    this.change();
    if (!this.steps.length) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.show(SIDE);
    else this.start();
    const last = this.steps.at(-1);
    this.say(`It says ${answerOf(last)}, at ${percent(Math.max(...last.probabilities))}.`);
  }

  clear() {
    this.stop();
    this.strokes = [];
    this.example = null;
    this.pad.pen.down = false;
    for (const one of this.examples.children) one.ariaPressed = "false";
    this.show(SIDE);
    this.change();
    this.say("The pad is empty.");
  }

  undo() {
    if (this.example) return this.clear();
    this.stop();
    this.strokes.pop();
    this.pad.pen.down = false;
    this.show(SIDE);
    this.change();
  }

  take(node, image) {
    this.clear();
    this.example = image;
    node.ariaPressed = "true";
  }

  /* ---- which row is shown ---- */

  show(row) {
    this.row = this.rows.value = row;
    this.refresh();
  }

  scrub(row) {
    this.stop();
    this.show(row);
  }

  /* The row follows the clock, not the frames: a tab in the background misses nothing. */
  start() {
    this.stop();
    const began = performance.now();
    const tick = (now) => {
      const row = Math.min(SIDE, Math.max(1, 1 + Math.floor((now - began) / PAUSE)));
      this.show(row);
      this.playing = row < SIDE ? requestAnimationFrame(tick) : null;
    };
    this.playing = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
  }

  draw() {
    if (!this.colors.ink) return;
    const { steps, row } = this;
    const now = steps[row - 1];
    this.pad.draw(this.strokes, this.example, this.colors);
    this.maps.show(this.image, steps, row, this.order, this.colors);
    this.bars.show(now);
    this.settled.hidden = this.rows.disabled = this.play.disabled = !now;
    setText(this.where, `row ${row} of ${SIDE}`);
    if (now) return this.drawAnswer(now);
    setText(this.verb, this.read ? "Draw a digit on the pad." : "");
    setText(this.answered, "");
  }

  drawAnswer(now) {
    const { row, steps } = this;
    const answer = answerOf(now);
    setText(this.verb, row === SIDE ? "It says" : `After row ${row} it would say`);
    setText(this.answered, String(answer));
    this.rows.ariaValueText = `row ${row} of ${SIDE}: ${answer}, at ${percent(now.probabilities[answer])}`;
    const { row: from, unseen } = this.known();
    const last = answerOf(steps.at(-1));
    setText(this.stays, unseen ? `It said ${last} before it had seen any ink, and nothing changed that. ` : `From row ${from} on its answer stays ${last}. `);
    setText(this.jump, `show row ${from}`);
  }

  /* From which row its last answer stays; not before the first ink, which it has to see to know. */
  known() {
    const inked = 1 + Math.floor(this.image.findIndex((ink) => ink > 0) / SIDE);
    const from = knownFrom(this.steps);
    return { row: Math.max(from, inked), unseen: from < inked };
  }

  /* ---- weights and examples, once the reader asks ---- */

  ready({ network, images, labels, order }) {
    this.order = order;
    this.read = network;
    const buttons = images.map((image, i) => this.exampleButton(image, labels[i]));
    this.examples.replaceChildren(...buttons);
    if (this.strokes.length) this.finish();
    else {
      this.take(buttons[0], images[0]);
      this.change();
    }
    const presets = images.map((_, i) => `example-${i + 1}`);
    onPreset("digit-microscope", presets, (name) => buttons[presets.indexOf(name)].click());
  }

  exampleButton(image, label) {
    const picture = el("canvas", { width: SIDE, height: SIDE });
    paint(picture, "#808080", (t, i) => image[t * SIDE + i]);
    const node = button("", () => {
      this.take(node, image);
      this.finish();
    });
    node.append(picture);
    node.ariaLabel = `a handwritten ${label}`;
    return node;
  }
}

async function make(weights, found) {
  const network = makeReader(readWeights(weights));
  const images = imagesOf(found);
  const readings = [];
  for (const image of images) {
    await pause();
    readings.push(network(image));
  }
  return { network, images, labels: found.labels, order: unitsByGate(readings) };
}

place("digit-microscope", "Digit microscope", (root, say) => new DigitMicroscope(root, say));
