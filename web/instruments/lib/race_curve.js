/* How many test sequences each training of the memory race names rightly, against the gap. */

import { el, percent, setText, svg } from "./page.js";

const BAND = 62; // the height of a network's curves
const MARGIN = { left: 44, right: 12, top: 8, bottom: 34, between: 18 };
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
    this.bands = Object.keys(about.racers);
    this.height = this.y(0, this.bands.length - 1) + MARGIN.bottom;
    this.lines = Object.entries(about.racers).flatMap(([name, { shown, trainings }], band) =>
      trainings.map((values, i) => ({ values, band, path: svg("path", { class: `race-line ${name}${i === shown ? " shown" : ""}` }) })));
    this.drawing = svg("svg", { class: "race-curve", height: this.height, "aria-hidden": "true" },
      this.ground, ...this.lines.map(({ path }) => path), this.marker);
    this.words = el("p", { className: "race-words" });
    this.node = el("div", {}, this.drawing, this.words);
  }

  x(gap) {
    return MARGIN.left + (gap / this.farthest) * (this.width - MARGIN.left - MARGIN.right);
  }

  y(share, band) {
    return MARGIN.top + MARGIN.between + band * (BAND + MARGIN.between) + (1 - share) * BAND;
  }

  /** Draw for a width, and mark a gap. */
  draw(width, gap) {
    const { gap: trained, racers } = this.about;
    if (width !== this.width) {
      this.width = width;
      this.drawing.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
      const grid = this.bands.flatMap((name, band) => [
        svg("text", { class: "name", x: MARGIN.left, y: this.y(1, band) - 3 }, this.titles[name]),
        ...[0, 1].flatMap((share) => [
          svg("path", { class: "grid", d: `M${MARGIN.left} ${this.y(share, band)}H${width - MARGIN.right}` }),
          svg("text", { x: MARGIN.left - 6, y: this.y(share, band) + 4 }, `${100 * share} %`),
        ]),
      ]);
      const ticks = Array.from({ length: 1 + Math.floor(this.farthest / TICK) }, (_, i) =>
        svg("text", { class: "tick", x: this.x(i * TICK), y: this.height - 20 }, String(i * TICK)));
      const below = svg("text", { class: "tick", x: (MARGIN.left + width) / 2, y: this.height - 4 }, `gap (trained at ${trained})`);
      this.ground.replaceChildren(...grid, ...ticks, below);
      for (const { values, band, path } of this.lines) {
        path.setAttribute("d", values.map((v, i) => `${i ? "L" : "M"}${this.x(i).toFixed(1)} ${this.y(v, band).toFixed(1)}`).join(""));
      }
    }
    const shown = Math.max(0, gap);
    this.marker.setAttribute("d", `M${this.x(shown).toFixed(1)} ${this.y(0, this.bands.length - 1)}V${this.y(1, 0)}`);
    const found = Object.entries(racers).map(([name, { trainings }]) => {
      const all = trainings.map((values) => values[shown]).sort((a, b) => a - b);
      return `${this.titles[name]} ${all.map(percent).join(", ")}`;
    });
    setText(this.words, `Test accuracy at a gap of ${shown}, one figure a training: ${found.join("; ")}. Guessing: 25 %.`);
  }
}
