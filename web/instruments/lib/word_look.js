/* One place of a text that was read: what the network expected there, and which of the words before
   mattered for its first guess. */

import { makeTracing, rankCorrelation } from "../../gru/tracing.js";
import { END, UNKNOWN } from "../../gru/words.js";
import { el, group, percent, setText } from "./page.js";

export const REACH = 32; // words: so far back a guess is traced
const LINES = 5; // of the table
const ENOUGH = 5; // words, before a rank correlation says anything

/** Make the reading. Returns { node, wait, show, trace }:
    wait() marks it as out of date;
    show(place) says what was expected there, place = { word, bits, expected, unknown }, where the
    word is left out for the one that is still to come;
    trace(model, read, words, shown) begins to trace the first guess, and returns work(milliseconds),
    which returns whether it is done. read is what a reading's before() returned, words the same
    as they were typed; shown(shares) is called with each word's share once these are known. */
export function makeLook() {
  const head = el("p", { className: "look-head" });
  const what = el("p", { className: "look-what" });
  const rows = Array.from({ length: LINES }, makeRow);
  const titles = ["word", "words back", "mattered", "guess without it"];
  const table = el("table", { ariaLabel: "Which words mattered most for the guess" },
    el("thead", {}, el("tr", {}, ...titles.map((title) => el("th", { scope: "col" }, title)))),
    el("tbody", {}, ...rows.map((row) => row.node)));
  const control = el("p", { className: "look-control" });
  const node = group("review-look", "The inspected word", head, what, table, control);
  let [sentence, guess] = ["", null];

  function show({ word, bits, expected, unknown }) {
    [guess] = expected;
    const others = expected.filter((one) => one.word !== word).slice(0, 3);
    const list = others.map(({ word, p }) => `${word} ${percent(p)}`).join(", ");
    if (word === undefined) sentence = guess ? `The next word. Expected: ${list}.` : "No word of the vocabulary begins like this.";
    else {
      const known = unknown ? " The vocabulary has no such word; the network read “unknown”." : "";
      const first = guess.word === word ? "It was the first guess; then" : "Expected instead";
      sentence = `“${short(word)}”: ${bits.toFixed(1)} bits, a chance of ${percent(2 ** -bits)}.${known} ${first}: ${list}.`;
    }
    setText(head, sentence);
    setText(what, guess ? " " : "Nothing to trace.");
    setText(control, " ");
    for (const row of rows) row.show();
  }

  function trace(model, read, words, shown) {
    const names = words.map(short);
    const idle = !guess || !read.ids.length;
    if (guess && idle) setText(what, "No word stands before it: the guess comes from the beginning alone.");
    if (idle) return shown([]), finish();
    const tracing = makeTracing(model, read, model.idOf(guess.word));
    const far = read.from ? ` (the last ${REACH} words were traced)` : "";
    let [shares, order] = [null, null];

    function weigh() {
      const sum = tracing.norms.reduce((a, b) => a + b);
      shares = tracing.norms.map((norm) => (sum ? norm / sum : 0));
      order = shares.map((_, i) => i).sort((a, b) => shares[b] - shares[a]).slice(0, LINES);
      setText(what, `What mattered for the guess “${guess.word}”${far}:`);
      shown(shares);
      sentence += ` For “${guess.word}” these words mattered: ${order.map((i) => `${names[i]}, ${percent(shares[i])}`).join("; ")}.`;
    }

    return (milliseconds) => {
      const done = tracing.work(milliseconds);
      if (!shares && tracing.norms[0] !== null) weigh();
      if (shares) {
        const top = Math.max(...shares);
        rows.forEach((row, k) => {
          const i = order[k];
          if (i !== undefined) row.show(names[i], names.length - i, shares[i], top, tracing.probabilities[i], guess.p);
        });
      }
      return done && finish(tracing);
    };
  }

  function finish(tracing) {
    if (tracing) setText(control, agreement(tracing, guess.p));
    node.ariaBusy = "false";
    return true;
  }

  return { node, show, trace, wait: () => (node.ariaBusy = "true"), sentence: () => sentence };
}

const short = (word) => (word.length > 24 ? `${word.slice(0, 23)}…` : word);

function makeRow() {
  const [word, back, share, bar, without] = [el("th", { scope: "row" }), el("td"), el("span"), el("i"), el("td")];
  const node = el("tr", {}, word, back, el("td", { className: "look-share" }, bar, share), without);
  /* Without arguments: an empty line, which keeps its place. */
  const show = (name = "", far = "", part, top, left, whole) => {
    node.ariaHidden = name ? null : "true";
    setText(word, name || " ");
    setText(back, String(far) || " ");
    setText(share, part === undefined ? " " : percent(part));
    bar.style.width = part && top ? `${(2.5 * part) / top}rem` : "0";
    setText(without, left == null ? " " : `${percent(whole)} → ${percent(left)}`);
  };
  return { node, show };
}

/* How far the gradient's order is the order of what leaving each word out does, and how far mere
   nearness is. */
function agreement({ norms, probabilities }, whole) {
  if (norms.length < ENOUGH) return " ";
  const effects = probabilities.map((p) => Math.abs(Math.log(p / whole)));
  const [traced, near] = [norms, norms.map((_, i) => i)].map((list) => rankCorrelation(list, effects));
  if (Number.isNaN(traced)) return " ";
  const two = (value) => value.toFixed(2).replace("-", "−");
  return `Over these ${norms.length} words, the rank correlation with what leaving a word out does is ${two(traced)} for “mattered”, and ${two(near)} for mere nearness.`;
}
