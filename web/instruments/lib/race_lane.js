/* One network's lane of the memory race: its states and its chance of being right, step by step,
   and what it says at the chosen one. */

import { answerOf, FIRST } from "../../gru/race.js";
import { clamp, el, group, percent, placeOf, setText } from "./page.js";

const HEIGHT = 24; // of the chance, in pixels of its canvas

export class Lane {
  says = el("span", { className: "race-says" });
  spans = el("p", { className: "race-spans" });
  states = el("canvas", { className: "race-states" });
  chance = el("canvas", { className: "race-chance" });
  cursor = el("div", { className: "race-cursor" });
  bars = FIRST.map((letter) => ({ name: el("b", {}, letter), bar: el("i"), share: el("span") }));

  /** choose(t) is called where the reader points at a step. */
  constructor(title, about, choose) {
    const strip = el("div", { className: "race-strip", ariaHidden: "true" }, this.states, this.chance, this.cursor);
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

  paint(steps, first) {
    const look = getComputedStyle(this.node);
    const [low, high, right] = ["--h", "--z", "--r"].map((name) => parseInt(look.getPropertyValue(name).trim().slice(1), 16));
    fill(this.states, steps.length, steps[0]?.h.length, (t, unit) => [steps[t].h[unit] < 0 ? low : high, Math.abs(steps[t].h[unit])]);
    fill(this.chance, steps.length, HEIGHT, (t, y) => [right, first >= 0 && HEIGHT - y <= HEIGHT * steps[t].p[first] ? 1 : 0]);
  }
}

/* Paint a canvas of so many columns and rows; value(column, row) is a color (0xrrggbb) and how much
   of it there is, from 0 to 1. */
function fill(canvas, columns, rows = 1, value) {
  canvas.width = Math.max(1, columns);
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, rows);
  for (let y = 0, k = 0; y < rows; y++) {
    for (let t = 0; t < columns; t++, k += 4) {
      const [rgb, share] = value(t, y);
      pixels.data.set([rgb >> 16, (rgb >> 8) & 255, rgb & 255, 255 * share], k);
    }
  }
  context.putImageData(pixels, 0, 0);
}

function inWords(spans, length, first) {
  if (first < 0 || !length) return "";
  if (!spans.length) return "Never right.";
  if (spans[0][0] === 0 && spans[0][1] === length - 1) return "Right after every letter.";
  const shown = spans.slice(0, 4).map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  return `Right at ${spans.length === 1 && spans[0][0] === spans[0][1] ? "gap" : "gaps"} ${shown.join(", ")}${spans.length > 4 ? " and more" : ""}; else wrong.`;
}
