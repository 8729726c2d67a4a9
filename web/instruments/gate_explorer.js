/* The gate explorer: one GRU unit with one input, all its numbers in the reader's hand.

   The symbols are the theory chapter's. With one unit and one feature every matrix is a number:
   W.z is W_z, U.h is U_h, b.r is b_r. The second bias c is left at zero. */

import { sigmoid } from "../gru/gru.js";
import { announcer, button, el, oncePerFrame, onLook, onPreset, place, setText, svg } from "./lib/page.js";

export const STEPS = 40;

/** One step of the unit. held.z and held.r, where they are numbers, replace the computed gates. */
export function step(x, h, { W, U, b }, held = {}) {
  const z = held.z ?? sigmoid(W.z * x + b.z + h * U.z);
  const r = held.r ?? sigmoid(W.r * x + b.r + h * U.r);
  const hTilde = Math.tanh(W.h * x + b.h + r * (h * U.h));
  return { z, r, hTilde, h: z * h + (1 - z) * hTilde };
}

/** All steps over a signal. Returns one { x, old, z, r, hTilde, h } a step; old is h before it. */
export function run(signal, weights, held) {
  let h = 0;
  return Array.from(signal, (x) => {
    const result = { x, old: h, ...step(x, h, weights, held) };
    h = result.h;
    return result;
  });
}

/* The weights reach from -30 to 30, and near zero they matter most: a slider's middle is slow. */
const fromPosition = (p) => 30 * (0.1 * p + 0.9 * p ** 3);

/** The slider's position, from -1 to 1, that stands for a weight: the inverse, by bisection. */
export function toPosition(weight) {
  let [low, high] = [-1, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (fromPosition(middle) < weight) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The weight that a slider's position stands for, in round numbers. */
export function toWeight(position) {
  const weight = fromPosition(position);
  return Number(weight.toFixed(Math.abs(weight) < 10 ? 2 : 1)) + 0;
}

const signalOf = (value) => Array.from({ length: STEPS }, (_, t) => value(t));
/* Quiet noise that is the same on every visit (a linear congruential generator). */
function noise(size) {
  let seed = 7;
  return signalOf(() => ((seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 30 - 1) * size);
}
const quiet = noise(0.2);
const loud = { 4: 1, 16: 0.55, 28: 0.8 };
const events = [3, 6, 8, 9, 14, 17, 21, 22, 23, 28, 33, 36];
const nothing = { z: 0, r: 0, h: 0 };

/** What the links in the prose set. Each says what to look at, and what to try. */
export const PRESETS = {
  remember: {
    look: "The input is quiet noise with three loud values. A loud value pulls z down to 0 for one step, and the candidate gets in. Then z is back at 1, and the state stays what it is.",
    try: "Lower b_z, and the noise gets in. Or draw a loud value of your own.",
    signal: signalOf((t) => loud[t] ?? quiet[t]),
    W: { z: -28, r: 0, h: 1 },
    U: nothing,
    b: { z: 12, r: 0, h: 0 },
  },
  forget: {
    look: "A push, then silence. The update gate stands still at 10/11, because b_z = log 10. So every step keeps ten elevenths of the state: it leaks away.",
    try: "Raise b_z to 5. How long does the push last now? Then hold z at 1, and at 0.",
    signal: signalOf((t) => (t >= 3 && t < 9 ? 1 : 0)),
    W: { z: 0, r: 0, h: 30 },
    U: nothing,
    b: { z: 2.3, r: 0, h: 0 },
  },
  count: {
    look: "At each event z is nine tenths, so the gap between h and 1 shrinks by a tenth. Between events z is 1 and nothing moves. The number of stairs is the count.",
    try: "Draw more events, or take some away. Then lower b_z by 3: the stairs begin to sag.",
    signal: signalOf((t) => (events.includes(t) ? 1 : 0)),
    W: { z: -27.8, r: 0, h: 30 },
    U: nothing,
    b: { z: 30, r: 0, h: 0 },
  },
  restart: {
    look: "The candidate adds a little to the old state at each positive input. A negative input closes the reset gate: the candidate does not see the old state, and the sum starts again.",
    try: "Hold r at 1. The negative inputs are subtracted then, and nothing starts again.",
    signal: signalOf((t) => (t === 14 || t === 28 ? -0.5 : t % 3 === 1 ? 0.8 : 0)),
    W: { z: 0, r: 20, h: 0.3 },
    U: { z: 0, r: 0, h: 1 },
    b: { z: -30, r: 5, h: 0 },
  },
};

const GATES = {
  z: { name: "Update gate", does: "How much of the old state stays?" },
  r: { name: "Reset gate", does: "How much of the old state does the candidate see?" },
  h: { name: "Candidate", does: "What may get in?" },
};
const CHARTS = [
  { lines: { x: "input x" }, low: -1, high: 1, height: 84 },
  { lines: { z: "update gate z", r: "reset gate r" }, low: 0, high: 1, height: 92 },
  { lines: { hTilde: "candidate h̃", h: "state h" }, low: -1, high: 1, height: 128 },
];
const MARGIN = { left: 30, right: 6, top: 8, bottom: 8 };

function build(root) {
  const held = {};
  let signal, weights, states;
  let cursor = 0;
  let width = 0;

  const charts = CHARTS.map(chart);
  const pad = charts[0].drawing;
  const readout = explanation();
  const hint = el("p", { className: "instrument-hint" });
  const buttons = Object.keys(PRESETS).map((name) => button(name, () => set(name)));
  const clear = button("clear the input", wipe);
  const knobs = [];
  const gates = Object.keys(GATES).map((gate) => panel(gate));

  root.append(
    el("p", { className: "instrument-title", textContent: "Gate explorer" }),
    el("p", { className: "instrument-lead" }, "One GRU unit reads ", symbol("x"),
      " from left to right. Choose what it should do, draw another input with mouse or finger, and move its weights."),
    el("div", { className: "instrument-buttons", role: "group", ariaLabel: "Presets" }, ...buttons, clear),
    hint,
    ...charts.map((one) => one.node),
    readout.node,
    el("div", { className: "gate-panels" }, ...gates),
  );
  const say = announcer(root);
  const refresh = oncePerFrame(draw);

  function set(name) {
    if (!Object.hasOwn(PRESETS, name)) return;
    const preset = PRESETS[name];
    signal = [...preset.signal];
    weights = structuredClone({ W: preset.W, U: preset.U, b: preset.b });
    delete held.z;
    delete held.r;
    hint.replaceChildren(...withSymbols(preset.look), " ", el("b", {}, "Try: "), ...withSymbols(preset.try));
    for (const one of buttons) one.ariaPressed = String(one.textContent === name);
    cursor = signal.findIndex((x) => Math.abs(x) > 0.5);
    for (const knob of knobs) knob.show();
    change();
  }

  function wipe() {
    signal.fill(0);
    change();
  }

  function change() {
    states = run(signal, weights, held);
    refresh();
    say(`The state ends at ${fixed(states.at(-1).h)}.`);
  }

  function draw() {
    if (!width) return;
    for (const one of charts) one.draw(width, states, cursor);
    const now = states[cursor];
    readout.show(now, cursor);
    Object.assign(pad, {
      ariaValueNow: String(now.x),
      ariaValueText: `step ${cursor + 1} of ${STEPS}: input ${fixed(now.x)}, update gate ${fixed(now.z)}, ` +
        `reset gate ${fixed(now.r)}, candidate ${fixed(now.hTilde)}, state ${fixed(now.h)}`,
    });
  }

  /* One gate's sliders, and where it is a gate, the switch that holds it by hand. */
  function panel(gate) {
    const own = ["W", "U", "b"].map((matrix) => knob(matrix, gate));
    const title = el("legend", {}, `${GATES[gate].name} `, symbol(gate === "h" ? "h̃" : gate));
    const parts = [el("p", {}, GATES[gate].does), formula(gate), ...own.map((one) => one.node)];
    if (gate !== "h") parts.push(holder(gate, own));
    return el("fieldset", { className: `gate-panel ${gate}` }, title, ...parts);
  }

  function knob(matrix, gate) {
    const slider = el("input", { type: "range", min: -1, max: 1, step: 0.01 });
    slider.ariaLabel = `${matrix} ${gate}`;
    const value = el("output");
    const show = () => {
      const weight = weights[matrix][gate];
      setText(value, String(weight).replace("-", "−"));
      slider.ariaValueText = String(weight);
    };
    slider.oninput = () => {
      weights[matrix][gate] = toWeight(Number(slider.value));
      show();
      change();
    };
    const one = {
      slider,
      node: el("label", { className: "gate-knob" }, symbol(matrix, gate), slider, value),
      show() {
        slider.value = toPosition(weights[matrix][gate]);
        show();
      },
    };
    knobs.push(one);
    return one;
  }

  function holder(gate, own) {
    const at = el("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0.5, disabled: true });
    at.ariaLabel = `hold ${gate} at`;
    const value = el("output");
    const check = el("input", { type: "checkbox" });
    const apply = () => {
      if (check.checked) held[gate] = Number(at.value);
      else delete held[gate];
      show();
      change();
    };
    const show = () => {
      const on = gate in held;
      check.checked = on;
      at.disabled = !on;
      for (const one of own) one.slider.disabled = on;
      setText(value, on ? fixed(held[gate]) : "");
    };
    check.onchange = at.oninput = apply;
    knobs.push({ show });
    return el("div", { className: "gate-knob gate-hold" },
      el("label", {}, check, " hold ", symbol(gate)), at, value);
  }

  /* Drawing on the input: every column between two moves gets a value, however fast the hand. */
  let last = null;
  pad.onpointerdown = (event) => {
    pad.setPointerCapture(event.pointerId);
    last = null;
    stroke(event);
  };
  pad.onpointermove = (event) => {
    if (pad.hasPointerCapture(event.pointerId)) stroke(event);
  };
  function stroke(event) {
    const at = charts[0].locate(event);
    const from = last ?? at;
    const [first, final] = [Math.min(from.t, at.t), Math.max(from.t, at.t)];
    for (let t = first; t <= final; t++) {
      const share = at.t === from.t ? 1 : (t - from.t) / (at.t - from.t);
      signal[t] = Math.round(20 * (from.value + share * (at.value - from.value))) / 20;
    }
    last = at;
    cursor = at.t;
    change();
  }
  pad.onkeydown = (event) => {
    const by = { ArrowUp: 0.1, ArrowDown: -0.1, PageUp: 0.5, PageDown: -0.5 }[event.key];
    const to = {
      ArrowLeft: cursor - 1, ArrowRight: cursor + 1, Home: 0, End: STEPS - 1,
    }[event.key];
    if (by) signal[cursor] = clamp(Math.round(20 * (signal[cursor] + by)) / 20, -1, 1);
    else if (to !== undefined) cursor = clamp(to, 0, STEPS - 1);
    else if (event.key === "Delete" || event.key === "Backspace") signal[cursor] = 0;
    else return;
    event.preventDefault();
    change();
  };
  for (const one of charts) {
    one.drawing.addEventListener("pointermove", (event) => {
      cursor = one.locate(event).t;
      refresh();
    });
  }

  set("remember");
  onPreset("gate-explorer", set);
  onLook(root, (newWidth) => {
    width = newWidth;
    refresh();
  });
}

/* One chart: lines over the steps, with its legend above. draw(width, states, cursor) redraws it. */
function chart({ lines, low, high, height }) {
  const names = Object.keys(lines);
  const ground = svg("path", { class: "grid" });
  const marker = svg("rect", { class: "cursor", y: 0, height });
  const paths = names.map((name) => svg("path", { class: `line ${name}` }));
  const labels = [low, 0, high].filter((v, i, all) => all.indexOf(v) === i)
    .map((v) => [v, svg("text", { x: MARGIN.left - 6 }, String(v).replace("-", "−"))]);
  const drawing = svg("svg", { height, class: "gate-chart" }, marker, ground);
  drawing.append(...labels.map(([, text]) => text), ...paths);
  const y = (value) =>
    MARGIN.top + ((high - value) / (high - low)) * (height - MARGIN.top - MARGIN.bottom);
  for (const [value, text] of labels) text.setAttribute("y", y(value) + 4);
  const input = names[0] === "x";
  if (input) {
    Object.assign(drawing, {
      role: "slider",
      ariaLabel: "Input x: left and right choose a step, up and down change it",
      ariaValueMin: "-1",
      ariaValueMax: "1",
    });
    drawing.setAttribute("tabindex", 0);
    drawing.classList.add("gate-pad");
  } else drawing.setAttribute("aria-hidden", "true"); // the slider's value says it in words
  const legend = names.map((name) => el("span", { className: `gate-key ${name}` }, lines[name]));
  const hint = input ? [el("span", { className: "gate-aside" }, "draw here · keys: ← → ↑ ↓")] : [];
  let width = 0;
  const column = () => (width - MARGIN.left - MARGIN.right) / STEPS;
  const x = (t) => MARGIN.left + t * column();

  return {
    drawing,
    node: el("div", { className: "gate-plot" }, el("div", { className: "gate-legend" }, ...legend, ...hint), drawing),
    locate(event) {
      const box = drawing.getBoundingClientRect();
      const share = (event.clientY - box.top - MARGIN.top) / (height - MARGIN.top - MARGIN.bottom);
      return {
        t: clamp(Math.floor((event.clientX - box.left - MARGIN.left) / column()), 0, STEPS - 1),
        value: clamp(high - share * (high - low), low, high),
      };
    },
    draw(newWidth, states, cursor) {
      if (newWidth !== width) {
        width = newWidth;
        drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
        ground.setAttribute("d", labels.map(([v]) => `M${MARGIN.left} ${y(v)}H${width - MARGIN.right}`).join(""));
        marker.setAttribute("width", column());
      }
      marker.setAttribute("x", x(cursor));
      names.forEach((name, i) => {
        const values = states.map((state) => state[name]);
        paths[i].setAttribute("d", input ? bars(values) : stairs(values));
      });
    },
  };
  function stairs(values) {
    const stair = (v, t) => `${t ? "V" : `M${x(0)} `}${y(v).toFixed(1)}H${x(t + 1).toFixed(1)}`;
    return values.map(stair).join("");
  }
  function bars(values) {
    const wide = 0.7 * column();
    const bar = (v, t) =>
      `M${(x(t) + 0.15 * column()).toFixed(1)} ${y(0)}V${y(v).toFixed(1)}h${wide.toFixed(1)}V${y(0)}z`;
    return values.map((v, t) => (v ? bar(v, t) : "")).join("");
  }
}

/* The chosen step in words and numbers: equation (4), and the mix that z makes. */
function explanation() {
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
  return {
    node,
    show({ x, z, r, hTilde, old, h }, t) {
      const texts = {
        step: String(t + 1), x: fixed(x), z: fixed(z), r: fixed(r), keep: fixed(z),
        old: signed(old), take: fixed(1 - z), hTilde: signed(hTilde), h: fixed(h),
      };
      for (const name in texts) setText(value[name], texts[name]);
      const share = Math.round(100 * z);
      for (const [part, of, text] of [[kept, share, "old state"], [taken, 100 - share, "candidate"]]) {
        part.style.flexGrow = of;
        setText(part, of > 18 ? `${of} % ${text}` : "");
      }
    },
  };
}

function formula(gate) {
  const [W, U, b] = ["W", "U", "b"].map((matrix) => symbol(matrix, gate));
  const [x, old] = [symbol("x"), symbol("h", "t−1")];
  const parts = gate === "h"
    ? [symbol("h̃"), " = tanh(", x, W, " + ", b, " + ", symbol("r"), " · ", old, U, ")"]
    : [symbol(gate), " = σ(", x, W, " + ", b, " + ", old, U, ")"];
  return el("p", { className: "gate-formula" }, ...parts);
}

function symbol(letter, index) {
  const letterNode = el("i", { className: "symbol" }, letter);
  return index ? el("span", {}, letterNode, el("sub", {}, index)) : letterNode;
}

/* Text in which b_z and its like become symbols. */
function withSymbols(text) {
  return text.split(/\b([WUb]_[zrh]|[zrh])\b/).map((part) =>
    /^([WUb]_)?[zrh]$/.test(part) ? symbol(...part.split("_")) : part,
  );
}

function fixed(value) {
  const text = value.toFixed(2);
  return (text === "-0.00" ? "0.00" : text).replace("-", "−");
}

function signed(value) {
  return value <= -0.005 ? `(${fixed(value)})` : fixed(value);
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

place("gate-explorer", build);
