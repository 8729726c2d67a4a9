/* One network's lane of the memory race: its states and its chance of being right, step by step,
   and what it says at the chosen one. */

import { answerOf, FIRST } from "../../gru/race.js";
import { clamp, el, group, percent, placeOf, setText } from "./page.js";

// Rows of the canvas: so many for each unit's state, then those of the chance of being right.
const ROWS = 3;
const CHANCE = 21;

export class Lane {
  says = el("span", { className: "race-says" });
  spans = el("p", { className: "race-spans" });
  canvas = el("canvas");
  cursor = el("div", { className: "race-cursor" });
  bars = FIRST.map((letter) => ({ name: el("b", {}, letter), bar: el("i"), share: el("span") }));

  /** choose(t) is called where the reader points at a step. */
  constructor(title, about, choose) {
    const strip = el("div", { className: "race-strip", ariaHidden: "true" }, this.canvas, this.cursor);
    const look = (event) => this.length && choose(clamp(Math.floor(placeOf(event, strip)[0] * this.length), 0, this.length - 1));
    strip.onclick = look;
    strip.onpointermove = (event) => event.pointerType === "mouse" && event.buttons && look(event); // a finger scrolls
    const bars = this.bars.flatMap(({ name, bar, share }) => [name, el("div", {}, bar), share]);
    this.node = group("race-lane", title,
      el("p", { className: "race-head" }, el("b", {}, title), " ", el("span", { className: "race-about" }, about), " ", this.says),
      strip, el("div", { className: "digit-bars", ariaHidden: "true" }, ...bars), this.spans);
  }

  /** Show what was read. first: the right answer's place, or -1; found: the answer in words; spans:
      the gaps after which it was right. */
  draw(steps, first, cursor, found, spans) {
    this.length = steps.length;
    setText(this.says, found && `says ${found}`);
    setText(this.spans, inWords(spans, steps.length, first));
    const p = steps[cursor]?.p;
    this.bars.forEach(({ bar, share, name }, i) => {
      bar.style.width = `${100 * (p?.[i] ?? 0)}%`;
      bar.className = p && i === answerOf(p) ? "first" : "";
      name.className = i === first ? "race-truth" : "";
      setText(share, p ? percent(p[i]) : "");
    });
    this.cursor.style.left = `${(100 * (cursor + 0.5)) / Math.max(1, steps.length)}%`;
    this.paint(steps, first);
  }

  /* A column for each step; how strong a state is, its color's opacity says. */
  paint(steps, first) {
    const look = getComputedStyle(this.node);
    const [low, high, right] = ["--h", "--z", "--r"].map((name) => pixel(look.getPropertyValue(name).trim()));
    const [columns, units] = [Math.max(1, steps.length), steps[0]?.h.length ?? 0];
    const rows = ROWS * units + CHANCE;
    const pixels = new Uint32Array(columns * rows);
    steps.forEach(({ h, p }, t) => {
      for (let row = 0; row < ROWS * units; row++) {
        const state = h[Math.floor(row / ROWS)];
        pixels[row * columns + t] = (state < 0 ? low : high) | ((255 * Math.abs(state)) << 24);
      }
      const tall = first < 0 ? 0 : Math.floor(CHANCE * p[first]);
      for (let row = rows - tall; row < rows; row++) pixels[row * columns + t] = right | (255 << 24);
    });
    Object.assign(this.canvas, { width: columns, height: rows });
    // All pixels come from the processor, at each letter anew: the canvas stays with it.
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns), 0, 0);
  }
}

/* A color, #rrggbb, as the number of a pixel without its opacity: blue, green, red. */
function pixel(color) {
  const [, ...parts] = /^#(..)(..)(..)$/.exec(color);
  return parts.reduceRight((all, part) => (all << 8) | parseInt(part, 16), 0);
}

function inWords(spans, length, first) {
  if (first < 0 || !length) return "";
  if (!spans.length) return "Never right.";
  if (spans[0][0] === 0 && spans[0][1] === length - 1) return "Right after every letter.";
  const shown = spans.slice(0, 4).map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  return `Right at ${spans.length === 1 && spans[0][0] === spans[0][1] ? "gap" : "gaps"} ${shown.join(", ")}${spans.length > 4 ? " and more" : ""}; else wrong.`;
}
