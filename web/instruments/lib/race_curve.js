/* How many test sequences each training of the memory race names rightly, against the gap. */

import { el, percent, setText, svg } from "./page.js";

const HEIGHT = 150;
const MARGIN = { left: 44, right: 12, top: 8, bottom: 34 };
const TICK = 20; // letters

export class RaceCurve {
  width = 0;

  /** about: { gap, racers: { name: { shown, trainings } } }; trainings has for each seed the accuracy
      after each gap from 0 on, and shown is the place of the one that runs. */
  constructor(about, titles) {
    Object.assign(this, { about, titles });
    this.farthest = Object.values(about.racers)[0].trainings[0].length - 1;
    this.marker = svg("path", { class: "race-marker" });
    this.ground = svg("g", {});
    this.lines = Object.entries(about.racers).flatMap(([name, { shown, trainings }]) =>
      trainings.map((values, i) => ({ values, path: svg("path", { class: `race-line ${name}${i === shown ? " shown" : ""}` }) })));
    this.drawing = svg("svg", { class: "race-curve", height: HEIGHT, "aria-hidden": "true" },
      this.ground, this.marker, ...this.lines.map(({ path }) => path));
    const keys = Object.keys(about.racers).map((name) => el("span", { className: `gate-key ${name}` }, titles[name]));
    this.words = el("p", { className: "race-words" });
    this.node = el("div", {}, el("div", { className: "gate-legend" }, ...keys), this.drawing, this.words);
  }

  x(gap) {
    return MARGIN.left + (gap / this.farthest) * (this.width - MARGIN.left - MARGIN.right);
  }

  y(share) {
    return MARGIN.top + (1 - share) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  }

  /** Draw for a width, and mark a gap. */
  draw(width, gap) {
    const { gap: trained, racers } = this.about;
    if (width !== this.width) {
      this.width = width;
      this.drawing.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
      const grid = [0, 0.25, 0.5, 1].flatMap((share) => [
        svg("path", { class: "grid", d: `M${MARGIN.left} ${this.y(share)}H${width - MARGIN.right}` }),
        svg("text", { x: MARGIN.left - 6, y: this.y(share) + 4 }, `${100 * share} %`),
      ]);
      const ticks = Array.from({ length: 1 + Math.floor(this.farthest / TICK) }, (_, i) =>
        svg("text", { class: "tick", x: this.x(i * TICK), y: HEIGHT - 20 }, String(i * TICK)));
      const name = svg("text", { class: "tick", x: (MARGIN.left + width) / 2, y: HEIGHT - 4 }, `gap (trained at ${trained})`);
      this.ground.replaceChildren(...grid, ...ticks, name);
      for (const { values, path } of this.lines) {
        path.setAttribute("d", values.map((v, i) => `${i ? "L" : "M"}${this.x(i).toFixed(1)} ${this.y(v).toFixed(1)}`).join(""));
      }
    }
    const shown = Math.max(0, gap);
    this.marker.setAttribute("d", `M${this.x(shown).toFixed(1)} ${this.y(0)}V${this.y(1)}`);
    const found = Object.entries(racers).map(([name, { trainings }]) => {
      const all = trainings.map((values) => values[shown]).sort((a, b) => a - b);
      return `${this.titles[name]} ${all.map(percent).join(", ")}`;
    });
    setText(this.words, `Test accuracy at a gap of ${shown}, one figure a training: ${found.join("; ")}. Guessing: 25 %.`);
  }
}
