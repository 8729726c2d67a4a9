/* The gate explorer's controls: a panel for each gate, and for the candidate. */

import { symbol } from "./gate_text.js";
import { el, numbered } from "./page.js";

/* The weights reach from -30 to 30, and near zero they matter most: a slider's middle is slow. */
const LARGEST = 30;
const fromPosition = (p) => LARGEST * (0.1 * p + 0.9 * p ** 3);

/** The slider's position, from -1 to 1, that stands for a weight: the inverse (Cardano). */
export function toPosition(weight) {
  const root = Math.sqrt(27);
  return (2 / root) * Math.sinh(Math.asinh((root / 2) * weight) / 3);
}

/** The weight that a slider's position stands for, in round numbers. */
export function toWeight(position) {
  const weight = fromPosition(position);
  return Number(weight.toFixed(Math.abs(weight) < 10 ? 2 : 1)) + 0;
}

const GATES = {
  z: { name: "Update gate", does: "How much of the old state stays?" },
  r: { name: "Reset gate", does: "How much of the old state does the candidate see?" },
  h: { name: "Candidate", does: "What may get in?" },
};

/** Make the panels. settings: { weights, held }, which the reader's hand changes, and then change()
    is called. Returns { nodes, show }; show() brings the panels to what the settings are. */
export function makePanels(settings, change) {
  const shows = [];
  const nodes = Object.entries(GATES).map(([gate, { name, does }]) => {
    const knobs = ["W", "U", "b"].map((matrix) => makeKnob(settings, matrix, gate, change));
    const parts = knobs.map((knob) => knob.node);
    shows.push(...knobs.map((knob) => knob.show));
    if (gate !== "h") {
      const holder = makeHolder(settings, gate, knobs, change);
      parts.push(holder.node);
      shows.push(holder.show);
    }
    return el("fieldset", { className: `gate-panel ${gate}` },
      el("legend", {}, `${name} `, symbol(gate === "h" ? "h̃" : gate)),
      el("p", {}, does), formula(gate), ...parts);
  });
  return { nodes, show: () => shows.forEach((show) => show()) };
}

function makeKnob(settings, matrix, gate, change) {
  const field = numbered(`${matrix} ${gate}`, [-LARGEST, LARGEST], (weight) => {
    settings.weights[matrix][gate] = weight;
    change();
  }, { toPosition, toValue: toWeight });
  const node = el("div", { className: "gate-knob" }, symbol(matrix, gate), field.number, field.range, field.fault);
  return { node, disable: field.disable, show: () => field.show(settings.weights[matrix][gate]) };
}

/* The switch that holds a gate by hand; its weights do nothing then. */
function makeHolder({ held }, gate, knobs, change) {
  const check = el("input", { type: "checkbox" });
  const field = numbered(`hold ${gate} at`, [0, 1, 0.01], (value) => {
    held[gate] = value;
    change();
  }, { label: "A gate" });
  const show = () => {
    const on = gate in held;
    check.checked = on;
    for (const knob of knobs) knob.disable(on);
    field.disable(!on);
    field.show(held[gate] ?? field.value);
  };
  check.onchange = () => {
    if (check.checked) held[gate] = field.value;
    else delete held[gate];
    show();
    change();
  };
  field.value = 0.5;
  const label = el("label", {}, check, " hold ", symbol(gate));
  return { show, node: el("div", { className: "gate-knob gate-hold" }, label, field.number, field.range, field.fault) };
}

function formula(gate) {
  const [W, U, b] = ["W", "U", "b"].map((matrix) => symbol(matrix, gate));
  const [x, old] = [symbol("x"), symbol("h", "t−1")];
  const parts = gate === "h"
    ? [symbol("h̃"), " = tanh(", x, W, " + ", b, " + ", symbol("r"), " · ", old, U, ")"]
    : [symbol(gate), " = σ(", x, W, " + ", b, " + ", old, U, ")"];
  return el("p", { className: "gate-formula" }, ...parts);
}
