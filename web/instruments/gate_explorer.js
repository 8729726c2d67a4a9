/* The gate explorer: one GRU unit with one input, all its numbers in the reader's hand. The symbols
   are the theory chapter's. */

import { run } from "../gru/unit.js";
import { makeCharts, makeReadout } from "./lib/gate_chart.js";
import { makePanels } from "./lib/gate_controls.js";
import { PRESETS, STEPS } from "./lib/gate_presets.js";
import { fixed, symbol, withSymbols } from "./lib/gate_text.js";
import {
  button, clamp, el, group, oncePerFrame, onDraw, onLook, onPreset, place, placeOf,
} from "./lib/page.js";

const twentieths = (value) => Math.round(20 * value) / 20;

class GateExplorer {
  settings = { weights: null, held: {} };
  charts = makeCharts();
  pad = this.charts[0].drawing;
  readout = makeReadout();
  hint = el("p", { className: "instrument-hint" });
  buttons = Object.keys(PRESETS).map((name) => button(name, () => this.set(name)));
  refresh = oncePerFrame(() => this.draw());
  width = 0;

  constructor(root, say) {
    this.say = say;
    this.panels = makePanels(this.settings, () => this.change());
    root.append(
      el("p", { className: "instrument-lead" }, "One GRU unit reads ", symbol("x"),
        " from left to right. Choose what it should do, draw another input with mouse or finger, and move its weights."),
      group("instrument-buttons", "Presets", ...this.buttons, button("clear the input", () => this.wipe())),
      this.hint,
      ...this.charts.map((chart) => chart.node),
      this.readout.node,
      el("div", { className: "gate-panels" }, ...this.panels.nodes),
    );
    this.listen();
    this.set("remember");
    onPreset("gate-explorer", Object.keys(PRESETS), (name) => this.set(name));
    onLook(root, (width) => {
      this.width = width;
      this.refresh();
    });
  }

  listen() {
    onDraw(this.pad, {
      begin: (at) => this.stroke(at, at),
      move: (at) => this.stroke(this.last, at),
    });
    this.pad.onkeydown = (event) => this.press(event);
    for (const chart of this.charts) {
      const look = (event) => {
        this.cursor = chart.at(placeOf(event, chart.drawing)).t;
        this.refresh();
      };
      chart.drawing.addEventListener("pointermove", look);
      chart.drawing.addEventListener("click", look);
    }
  }

  set(name) {
    const { signal, weights, look, try: wish } = PRESETS[name];
    this.signal = [...signal];
    this.settings.weights = structuredClone(weights);
    delete this.settings.held.z;
    delete this.settings.held.r;
    this.hint.replaceChildren(...withSymbols(look), " ", el("b", {}, "Try: "), ...withSymbols(wish));
    for (const one of this.buttons) one.ariaPressed = String(one.textContent === name);
    this.cursor = signal.findIndex((x) => Math.abs(x) > 0.5);
    this.panels.show();
    this.change();
  }

  wipe() {
    this.signal.fill(0);
    this.change();
  }

  change() {
    this.states = run(this.signal, this.settings.weights, this.settings.held);
    this.refresh();
    this.say(`The state ends at ${fixed(this.states.at(-1).h)}.`);
  }

  /* Every step between two places of the pen gets a value, however fast the hand. */
  stroke(from, to) {
    const [first, final] = [from, to].map((at) => this.charts[0].at(at));
    const steps = Math.abs(final.t - first.t);
    for (let i = 0; i <= steps; i++) {
      const share = steps ? i / steps : 1;
      const t = first.t + i * Math.sign(final.t - first.t);
      this.signal[t] = twentieths(first.value + share * (final.value - first.value));
    }
    this.last = to;
    this.cursor = final.t;
    this.change();
  }

  press(event) {
    const { signal, cursor } = this;
    const by = { ArrowUp: 0.1, ArrowDown: -0.1, PageUp: 0.5, PageDown: -0.5 }[event.key];
    const to = { ArrowLeft: cursor - 1, ArrowRight: cursor + 1, Home: 0, End: STEPS - 1 }[event.key];
    if (by) signal[cursor] = clamp(twentieths(signal[cursor] + by), -1, 1);
    else if (to !== undefined) this.cursor = clamp(to, 0, STEPS - 1);
    else if (event.key === "Delete" || event.key === "Backspace") signal[cursor] = 0;
    else return;
    event.preventDefault();
    this.change();
  }

  draw() {
    if (!this.width) return;
    for (const chart of this.charts) chart.draw(this.width, this.states, this.cursor);
    const now = this.states[this.cursor];
    this.readout.show(now, this.cursor);
    Object.assign(this.pad, {
      ariaValueNow: String(now.x),
      ariaValueText: `step ${this.cursor + 1} of ${STEPS}: input ${fixed(now.x)}, update gate ${fixed(now.z)}, ` +
        `reset gate ${fixed(now.r)}, candidate ${fixed(now.hTilde)}, state ${fixed(now.h)}`,
    });
  }
}

place("gate-explorer", "Gate explorer", (root, say) => new GateExplorer(root, say));
