/* The review autocomplete: the book's word network guesses on while the reader types, and each word
   tells what was expected in its place, and which words before it mattered for that. */

import { accept, cutTyped } from "../gru/typing.js";
import { pause, readWeightsInSlices } from "../gru/weights.js";
import { draw, makeReading, probabilitiesOf, readModel, suggest } from "../gru/word_model.js";
import { UNKNOWN } from "../gru/words.js";
import { colored, ColoredText } from "./lib/colored_text.js";
import { loadWhenAsked } from "./lib/loading.js";
import { button, el, group, grouped, numbered, onPreset, percent, place, setText, typeOver } from "./lib/page.js";
import { makeLook, REACH } from "./lib/word_look.js";

const FEW = 3; // words: so many are read at once, at a key; where there are more, they wait
// Milliseconds.
const PAUSE = 120; // without a key, before more is read
const SLICE = 10; // of reading, between two chances for the page to do something else
const GLANCE = 400; // between two looks at a long text that is still being read
const LONG = 200; // words: a text of more is shown once more when keys rest, too
const PRESETS = {
  praise: "I love this box. My daughter looks forward to it every ",
  complaint: "I was very disappointed with this box. The products were ",
  surprise: "My cat opened the box and started a small revolution. ",
};

class ReviewAutocomplete {
  model = null;
  reading = null;
  written = ""; // the text, as it was read last
  tokens = []; // all of its tokens
  begun = ""; // the word at the text's end that is not finished, in lower case
  timer = null;
  done = false; // whether the text is read to its end
  shown = 0; // when the words were last shown
  kept = null; // the place that the reader chose; the word to come where there is none
  at = null; // the place that is shown

  text = el("textarea", { rows: 4, maxLength: 20000, spellcheck: false, disabled: true });
  choices = Array.from({ length: 5 }, () => this.makeChoice());
  heat = numbered("Temperature", [0.2, 2, 0.05], () => this.showChoices());
  words = new ColoredText((place, how) => this.choose(place, how), () => this.text.focus());
  look = makeLook();
  summary = el("p", { className: "review-summary" });

  constructor(root, say) {
    Object.assign(this, { root, say });
    const scale = [2, 4, 8, 12].map((bits) => colored(el("span", {}, `${bits} bits`), bits));
    root.append(
      el("p", { className: "instrument-lead" },
        "Write a review of a subscription box. After each word the trained network names the words that it expects next, and colors what you wrote by how much it was surprised. Point at a word, tap it, or reach it with Tab and ← →: below stands what was expected there, and which words before it mattered for that guess."),
      loadWhenAsked(root, ["next_word"], make, (found) => this.ready(found)),
      el("label", { className: "review-label" }, "Your review", this.text),
      group("review-next", "Next words", ...this.choices.map((one) => one.node)),
      el("p", { className: "instrument-keys" }, "→ at the end of the text takes the first word, Tab reaches the others."),
      el("div", { className: "review-heat" }, "temperature ", this.heat.number, this.heat.range,
        button("draw a word by chance", () => this.chance()), this.heat.fault),
      el("p", { className: "review-scale" }, "How surprised it was: ", ...scale),
      this.words.node,
      this.summary,
      this.look.node,
      el("p", { className: "instrument-keys" },
        `The longer the gradient of the guess’s log-probability at a word, the thicker the line under it: the more a small change of the word’s numbers would move the guess. “Mattered” is the word’s share of all these lengths. It does not say what the guess would be without the word; the last column does: there the word is left out, and the rest read again. At most ${REACH} words are traced; the percentages here are at temperature 1.`),
    );
    this.heat.show(1);
    this.text.oninput = () => this.read();
    this.text.onkeydown = (event) => this.press(event);
  }

  makeChoice() {
    const [word, share, bar] = [el("b"), el("span"), el("i")];
    const node = button("", () => this.take(word.textContent));
    node.style.visibility = "hidden"; // a button without a word says nothing to a screen reader
    node.append(word, share, bar);
    return { node, word, share, bar };
  }

  ready(found) {
    Object.assign(this, found);
    this.text.disabled = false;
    this.text.value = PRESETS.praise;
    this.read();
    onPreset("review-autocomplete", Object.keys(PRESETS), (name) => typeOver(this.text, PRESETS[name]));
  }

  /* Take the text as it is now, read what is new in slices, and show what is known so far. */
  read() {
    this.written = this.text.value;
    const { finished, open } = cutTyped(this.written);
    this.tokens = open ? [...finished, open] : finished;
    this.begun = open?.token ?? "";
    this.reading.set(finished.map(({ token }) => this.model.idOf(token)));
    clearTimeout(this.timer);
    this.shown = 0;
    this.kept = null;
    this.forget();
    this.words.node.ariaBusy = "true";
    this.work(finished.length - this.reading.surprises.length > FEW ? 0 : SLICE);
    if (this.tokens.length <= LONG) this.showWords();
    this.timer = setTimeout(() => this.proceed(), PAUSE);
  }

  proceed() {
    const early = !this.done;
    if (early) this.work(SLICE);
    else this.showWords();
    if (!this.done && performance.now() - this.shown > GLANCE) this.showWords();
    if (early) this.timer = setTimeout(() => this.proceed());
    else this.inspect();
  }

  work(milliseconds) {
    this.done = this.reading.work(milliseconds);
    if (this.done) this.showChoices();
    this.root.classList.toggle("is-reading", !this.done);
  }

  /* ---- showing ---- */

  probabilities() {
    return probabilitiesOf(this.reading.scores(), this.heat.value);
  }

  showChoices() {
    if (!this.reading) return;
    const found = suggest(this.model, this.probabilities(), this.begun);
    this.choices.forEach(({ node, word, share, bar }, i) => {
      node.disabled = !found[i];
      node.style.visibility = found[i] ? "" : "hidden";
      setText(word, found[i]?.word ?? "");
      setText(share, found[i] ? percent(found[i].p) : "");
      bar.style.width = `${100 * (found[i]?.p ?? 0)}%`;
    });
    if (found.length) this.say(`Next: ${found.map(({ word, p }) => `${word}, ${percent(p)}`).join("; ")}`);
    else this.say("No word of the vocabulary begins like this.");
  }

  showWords() {
    const { surprises } = this.reading;
    const isUnknown = (token) => this.model.idOf(token) === UNKNOWN;
    this.words.show(this.written, this.tokens, surprises, isUnknown, this.done, Boolean(this.begun));
    setText(this.summary, this.done ? summaryOf(surprises) : `Reading … ${percent(surprises.length / this.tokens.length)}`);
    this.words.node.ariaBusy = String(!this.done);
    this.shown = performance.now();
  }

  /* ---- one word ---- */

  /* The reader points at a place, goes there, or (null) leaves. */
  choose(place, how) {
    if (this.words.node.ariaBusy === "true") return; // its words are not yet the text's
    if (how === "focus") this.kept = place;
    const to = place ?? this.kept ?? this.words.last;
    if (to !== this.at || how === "focus") this.inspect(to, how === "focus", PAUSE);
  }

  /* What was shown of a place is no longer true. */
  forget() {
    this.at = null;
    this.look.wait();
    this.words.line(0, []);
  }

  /* Show a place, else the word to come; trace its guess in slices, after a pause. */
  inspect(at = this.words.last, asked = false, pause = 0) {
    const { look, model, reading, tokens } = this;
    const read = reading.surprises.length;
    clearTimeout(this.timer);
    this.forget();
    this.at = at;
    this.words.choose(at);
    const p = probabilitiesOf(reading.scores(at));
    const token = at < read ? tokens[at].token : undefined;
    const unknown = at < read && model.idOf(token) === UNKNOWN;
    const expected = suggest(model, p, at < read ? "" : this.begun, 4);
    look.show({ word: token, bits: reading.surprises[at], expected, unknown });
    if (asked) this.say(look.sentence());
    const before = reading.before(at, REACH);
    const names = tokens.slice(before.from, at).map(({ token }) => token);
    let work = null;
    const go = () => {
      work ??= look.trace(model, before, names, (shares) => this.words.line(before.from, shares));
      if (work !== true && !work(SLICE)) return (this.timer = setTimeout(go));
      if (asked) this.say(look.sentence());
    };
    this.timer = setTimeout(go, pause);
  }

  /* ---- taking a word ---- */

  press(event) {
    const { text, choices: [{ word }] } = this;
    const atEnd = text.selectionStart === text.value.length;
    if (event.key !== "ArrowRight" || !atEnd || event.shiftKey || !word.textContent) return;
    event.preventDefault();
    this.take(word.textContent);
  }

  take(word) {
    if (!this.done) return;
    typeOver(this.text, accept(this.text.value, word));
    this.text.scrollTop = this.text.scrollHeight;
  }

  chance() {
    if (this.begun) typeOver(this.text, `${this.text.value} `); // the word at the end counts as finished
    if (this.done) this.take(draw(this.model, this.probabilities(), Math.random()));
  }
}

async function make(file) {
  const model = readModel(file, await readWeightsInSlices(file));
  await pause();
  const reading = makeReading(model);
  await pause();
  return { model, reading };
}

function summaryOf(surprises) {
  if (!surprises.length) return "Nothing is written yet.";
  const bits = surprises.reduce((a, b) => a + b) / surprises.length;
  const among = grouped(Math.round(2 ** bits));
  return `On average ${bits.toFixed(1)} bits a word: the network was as unsure as among ${among} equally likely words.`;
}

place("review-autocomplete", "Review autocomplete", (root, say) => new ReviewAutocomplete(root, say));
