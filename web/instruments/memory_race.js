/* The memory race: three trained networks read the reader's own sequence, and name its first letter
   after each of its letters. */

import { answerOf, FIRST, lettersOf, makeRacers, rightGaps, stretched } from "../gru/race.js";
import { pause } from "../gru/weights.js";
import { loadWhenAsked } from "./lib/loading.js";
import {
  button, el, group, grouped, numbered, oncePerFrame, onLook, onPreset, percent, place, setText, slider, typeOver,
} from "./lib/page.js";
import { RaceCurve } from "./lib/race_curve.js";
import { Lane } from "./lib/race_lane.js";

const TITLES = { gru: "GRU", lstm: "LSTM", plain: "Plain RNN" };
const FARTHEST = 160; // letters of noise: as far as it was measured
/** What the links in the prose set: a text and a gap. */
const PRESETS = { trained: ["B", 20], long: ["B", 120], again: ["BwxyzxwAyzwx", 60] };

class MemoryRace {
  written = []; // what the reader wrote: the gap cuts it, or draws it out, and it comes back
  letters = [];
  width = 0;
  refresh = oncePerFrame(() => this.draw());

  text = el("input", { type: "text", spellcheck: false, autocomplete: "off", autocapitalize: "off" });
  starts = FIRST.map((letter) => button(letter, () => this.begin(letter)));
  gap = numbered("Gap", [0, FARTHEST, 1], (gap) => this.stretch(Math.round(gap)), { label: "The gap" });
  at = slider("Look after letter", [0, 0, 1], 0);
  atValue = el("span", { className: "value" });
  note = el("p", { className: "race-note" });

  constructor(root, say) {
    Object.assign(this, { root, say });
    this.about = el("p", { className: "instrument-keys" });
    this.lanes = el("div", { className: "race-lanes" });
    root.append(
      el("p", { className: "instrument-lead" },
        "First comes A, B, C or D, then noise: w, x, y and z. After each letter, each network says which letter came first. Write a sequence of your own, or lengthen the gap, which counts the letters after the first: who stays right?"),
      loadWhenAsked(root, ["race"], make, (found) => this.ready(found)),
      el("div", { className: "race-ask" },
        group("instrument-buttons", "First letter", ...this.starts),
        el("label", {}, "Your sequence", this.text)),
      el("div", { className: "race-knob" }, el("span", {}, "Gap"), this.gap.range, this.gap.number, this.gap.fault),
      this.note,
      el("p", { className: "instrument-keys" }, "Across: the letters. Each row of a strip is a unit’s state (the LSTM’s h), blue below 0 and orange above; beneath it stands the probability of the right letter. The bars show one step: the last, or the one that you click."),
      this.lanes,
      el("div", { className: "race-knob" }, el("span", {}, "Look after"), this.at, this.atValue),
    );
    this.disable(true);
    this.text.oninput = () => this.write(this.text.value);
    this.at.oninput = () => this.look(Number(this.at.value));
  }

  disable(off) {
    this.gap.disable(off);
    for (const control of [this.text, this.at, ...this.starts]) control.disabled = off;
  }

  ready({ about, racers }) {
    const { gap, units, updates, seeds } = about;
    this.racers = racers.map(({ name, read }) => {
      const { weights, seed } = about.racers[name];
      const lane = new Lane(TITLES[name], `${grouped(weights)} weights, seed ${seed}`, (t) => this.look(t));
      return { name, title: TITLES[name], read, lane };
    });
    this.lanes.append(...this.racers.map(({ lane }) => lane.node));
    this.curve = new RaceCurve(about, TITLES);
    setText(this.about, `Each has ${units} units and was trained for ${grouped(updates)} updates at a gap of ${gap}, with a learning rate chosen for it. Shown is the middle one of ${seeds} trainings, by accuracy over all gaps; below, all ${seeds}, on test sequences.`);
    this.root.append(this.about, this.curve.node);
    this.disable(false);
    this.root.classList.add("is-ready");
    this.set("trained");
    onPreset("memory-race", Object.keys(PRESETS), (name) => this.set(name, true));
    onLook(this.root, (width) => {
      this.width = width;
      this.refresh();
    });
  }

  set(name, byReader = false) {
    const [text, gap] = PRESETS[name];
    const letters = stretched([...text], gap);
    if (byReader) typeOver(this.text, letters.join("")); // undo brings the old text back
    else this.text.value = letters.join("");
    this.write(this.text.value);
  }

  /* ---- the three ways to a sequence ---- */

  write(text) {
    const { letters, unknown } = lettersOf(text);
    this.written = letters.slice(0, FARTHEST + 1);
    this.said = [
      unknown.length && `The networks know no ${unknown.slice(0, 5).join(", ")}, and read the rest.`,
      letters.length > FARTHEST + 1 && `Only the first ${FARTHEST + 1} letters are read.`,
    ];
    this.read(this.written);
  }

  begin(letter) {
    this.written = [letter, ...this.written.slice(1)];
    this.stretch(Math.max(0, this.letters.length - 1));
  }

  stretch(gap) {
    this.said = [];
    const letters = stretched(this.written.length ? this.written : ["A"], gap);
    this.text.value = letters.join("");
    this.read(letters);
  }

  /* ---- what is made of it ---- */

  read(letters) {
    this.letters = letters;
    this.first = FIRST.indexOf(letters[0]);
    const gap = Math.max(0, letters.length - 1);
    if (gap !== this.gap.value) this.gap.show(gap);
    this.at.max = gap;
    this.at.value = gap;
    this.cursor = gap;
    for (const one of this.starts) one.ariaPressed = String(one.textContent === letters[0]);
    for (const racer of this.racers) racer.steps = racer.read(letters);
    const again = this.first >= 0 && letters.slice(1).some((letter) => FIRST.includes(letter));
    setText(this.note, [
      !letters.length && "Nothing is written yet.",
      letters.length && this.first < 0 && `The first letter is ${letters[0]}: there is nothing to name.`,
      again && "A letter of A to D comes again: in training that never happened.",
      ...this.said,
    ].filter(Boolean).join(" "));
    this.refresh();
    this.tell(`Gap ${gap}.`);
  }

  look(t) {
    this.cursor = t;
    this.at.value = t;
    this.refresh();
    this.tell(`After ${t}.`);
  }

  tell(where) {
    if (!this.letters.length) return this.say(this.note.textContent);
    const answers = this.racers.map(({ title, steps }) => `${title}: ${this.answer(steps)}.`);
    this.say([where, ...answers, this.note.textContent].join(" "));
  }

  answer(steps) {
    const { p } = steps[this.cursor];
    const answer = answerOf(p);
    const verdict = this.first < 0 ? "" : answer === this.first ? ", right" : ", wrong";
    return `${FIRST[answer]}, ${percent(p[answer])}${verdict}`;
  }

  draw() {
    if (!this.width) return;
    setText(this.atValue, this.letters.length ? `letter ${this.cursor}: ${this.letters[this.cursor]}` : "");
    for (const { steps, lane } of this.racers) {
      const found = this.letters.length ? this.answer(steps) : "";
      lane.draw(steps, this.first, this.cursor, found, this.first < 0 ? [] : rightGaps(steps, this.first));
    }
    const curve = () => this.curve.draw(this.width, this.letters.length - 1);
    if (this.curve.width) curve();
    else requestAnimationFrame(curve); // the first time in a frame of its own
  }
}

/* What is shown first is read once before: not in the one task that shows it. */
async function make(file) {
  const [racers, letters] = [makeRacers(file), stretched([...PRESETS.trained[0]], PRESETS.trained[1])];
  for (const { read } of racers) {
    await pause();
    read(letters);
  }
  return { about: file.about, racers };
}

place("memory-race", "Memory race", (root, say) => new MemoryRace(root, say));
