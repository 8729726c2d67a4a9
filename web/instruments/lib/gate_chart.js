/* The gate explorer's charts, and the chosen step in words and numbers. */

import { STEPS } from "./gate_presets.js";
import { fixed, minus, symbol } from "./gate_text.js";
import { clamp, el, setText, svg } from "./page.js";

const CHARTS = [
  { lines: { x: "input x" }, low: -1, high: 1, height: 84 },
  { lines: { z: "update gate z", r: "reset gate r" }, low: 0, high: 1, height: 92 },
  { lines: { hTilde: "candidate h̃", h: "state h" }, low: -1, high: 1, height: 128 },
];
const MARGIN = { left: 30, right: 6, top: 8, bottom: 8 };

/** Make the three charts; the first is the input's, on which the reader draws. */
export function makeCharts() {
  return CHARTS.map((settings) => new Chart(settings));
}

/* Lines over the steps, with their legend above. */
class Chart {
  width = 0;

  constructor({ lines, low, high, height }) {
    Object.assign(this, { low, high, height, names: Object.keys(lines) });
    this.input = this.names[0] === "x";
    this.ground = svg("path", { class: "grid" });
    this.marker = svg("rect", { class: "cursor", y: 0, height });
    this.paths = this.names.map((name) => svg("path", { class: `line ${name}` }));
    this.levels = [...new Set([low, 0, high])];
    const labels = this.levels.map((v) => svg("text", { x: MARGIN.left - 6, y: this.y(v) + 4 }, minus(v)));
    this.drawing = svg("svg", { height, class: "gate-chart" }, this.marker, this.ground, ...labels, ...this.paths);
    const legend = this.names.map((name) => el("span", { className: `gate-key ${name}` }, lines[name]));
    if (this.input) legend.push(el("span", { className: "gate-aside" }, "draw here · keys: ← → ↑ ↓"));
    else this.drawing.setAttribute("aria-hidden", "true"); // the slider's value says it in words
    if (this.input) this.becomeSlider();
    this.node = el("div", { className: "gate-plot" }, el("div", { className: "gate-legend" }, ...legend), this.drawing);
  }

  becomeSlider() {
    this.drawing.classList.add("gate-pad");
    this.drawing.setAttribute("tabindex", 0);
    Object.assign(this.drawing, {
      role: "slider",
      ariaLabel: "Input x: left and right choose a step, up and down change it",
      ariaValueMin: "-1",
      ariaValueMax: "1",
    });
  }

  get column() {
    return (this.width - MARGIN.left - MARGIN.right) / STEPS;
  }

  x(t) {
    return MARGIN.left + t * this.column;
  }

  y(value) {
    const share = (this.high - value) / (this.high - this.low);
    return MARGIN.top + share * (this.height - MARGIN.top - MARGIN.bottom);
  }

  /* The step and the value that stand at a place, given as shares of width and height. */
  at([left, top]) {
    const share = (top * this.height - MARGIN.top) / (this.height - MARGIN.top - MARGIN.bottom);
    return {
      t: clamp(Math.floor((left * this.width - MARGIN.left) / this.column), 0, STEPS - 1),
      value: clamp(this.high - share * (this.high - this.low), this.low, this.high),
    };
  }

  draw(width, states, cursor) {
    if (width !== this.width) {
      this.width = width;
      this.drawing.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
      const line = (v) => `M${MARGIN.left} ${this.y(v)}H${width - MARGIN.right}`;
      this.ground.setAttribute("d", this.levels.map(line).join(""));
      this.marker.setAttribute("width", this.column);
    }
    this.marker.setAttribute("x", this.x(cursor));
    this.names.forEach((name, i) => {
      const values = states.map((state) => state[name]);
      this.paths[i].setAttribute("d", this.input ? this.bars(values) : this.stairs(values));
    });
  }

  stairs(values) {
    const start = `M${this.x(0)} `;
    return values
      .map((v, t) => `${t ? "V" : start}${this.y(v).toFixed(1)}H${this.x(t + 1).toFixed(1)}`)
      .join("");
  }

  bars(values) {
    const [gap, wide] = [0.15 * this.column, (0.7 * this.column).toFixed(1)];
    const bar = (v, t) =>
      `M${(this.x(t) + gap).toFixed(1)} ${this.y(0)}V${this.y(v).toFixed(1)}h${wide}V${this.y(0)}z`;
    return values.map((v, t) => (v ? bar(v, t) : "")).join("");
  }
}

/** Make the chosen step's equation (4) in numbers, and the mix that z makes. Returns { node, show };
    show(state, t) takes a state as run returns it. */
export function makeReadout() {
  const value = {};
  const slot = (name) => (value[name] = el(name === "h" ? "b" : "span"));
  const [kept, taken] = [el("span", { className: "old" }), el("span", { className: "new" })];
  const node = el("div", { className: "gate-readout" },
    el("p", {}, el("b", {}, "Step ", slot("step")), ": ", symbol("x"), " = ", slot("x"), ", ",
      symbol("z"), " = ", slot("z"), ", ", symbol("r"), " = ", slot("r")),
    el("div", { className: "gate-mix", ariaHidden: "true" }, kept, taken),
    el("p", {}, symbol("h", "t"), " = ", symbol("z"), " · ", symbol("h", "t−1"), " + (1 − ",
      symbol("z"), ") · ", symbol("h̃"), " = ", slot("keep"), " · ", slot("old"), " + ",
      slot("take"), " · ", slot("hTilde"), " = ", slot("h")),
  );
  const show = ({ x, z, r, hTilde, old, h }, t) => {
    const texts = {
      step: String(t + 1), x: fixed(x), z: fixed(z), r: fixed(r), keep: fixed(z),
      old: inBrackets(old), take: fixed(1 - z), hTilde: inBrackets(hTilde), h: fixed(h),
    };
    for (const name in texts) setText(value[name], texts[name]);
    const share = Math.round(100 * z);
    for (const [part, of, text] of [[kept, share, "old state"], [taken, 100 - share, "candidate"]]) {
      part.style.flexGrow = of;
      setText(part, of > 18 ? `${of} % ${text}` : "");
    }
  };
  return { node, show };
}

/* A factor: a negative one stands in brackets. */
function inBrackets(value) {
  return value <= -0.005 ? `(${fixed(value)})` : fixed(value);
}
