/* A text shown with a color for each word, how much the word surprised the network, and with a line
   under some, how much they mattered for a guess. Each word can be chosen, by mouse, finger or keys. */

import { clamp, el } from "./page.js";

const THICKEST = 8; // pixels, of the line under the word that mattered most

/** How thick the line is under each word that mattered so much: as thick as it gets under the first. */
export function thicknesses(shares) {
  const top = Math.max(...shares) || 1; // of a guess that no word moves, nothing is underlined
  return shares.map((share) => (THICKEST * share) / top);
}

/** Color an element by a surprise in bits; undefined: by none. Its title says it in words. */
export function colored(node, bits) {
  node.bits = bits;
  const share = Math.round(Math.min(40, 3.2 * bits));
  const tint = `color-mix(in srgb, var(--z) ${share}%, transparent)`;
  node.style.backgroundColor = bits === undefined ? "" : tint;
  node.title = bits === undefined ? "" : `${bits.toFixed(1)} bits`;
  return node;
}

/** The text, with an element for each token, and one at the end for the word that is to come.
    choose(place, how) is called with the token's place, or their number, at "hover" or "focus", and
    choose(null) where the mouse leaves; escape() at that key. */
export class ColoredText {
  pieces = []; // nodes: what is between tokens, and tokens, in turn
  lined = []; // nodes with a line under them
  chosen = null; // the node that is inspected
  end = el("span", { role: "option", tabIndex: 0, className: "to-come", ariaLabel: "the next word" });
  node = el("p", { className: "review-words", role: "listbox", ariaOrientation: "horizontal",
    ariaLabel: "The words that were read" }, this.end);

  constructor(choose, escape) {
    const placeAt = ({ target }) => (target === this.node ? undefined : this.placeOf(target));
    this.node.onpointerover = (event) => {
      const place = event.pointerType === "mouse" ? placeAt(event) : undefined;
      if (place !== undefined) choose(place, "hover");
    };
    this.node.onpointerleave = () => choose(null);
    this.node.addEventListener("focusin", (event) => {
      const place = placeAt(event);
      if (place !== undefined) choose(place, "focus");
    });
    this.node.onkeydown = (event) => {
      if (event.key === "Escape") return escape();
      const [last, now] = [this.last, placeAt(event)];
      const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.nodeAt(clamp(to, 0, last)).focus();
    };
  }

  /* The last place: the word to come, or the one at the end that is not finished. */
  get last() {
    const tokens = (this.pieces.length - 1) / 2;
    return this.end.hidden ? tokens - 1 : Math.max(0, tokens);
  }

  placeOf(node) {
    return node === this.end ? this.last : node.place;
  }

  nodeAt(place) {
    return place === this.last && !this.end.hidden ? this.end : this.pieces[2 * place + 1];
  }

  /** Show a text. tokens: { token, start, end }; isUnknown(token) tells what gets a mark. A token
      without a surprise yet keeps its color until all is `done`. open: the last one may go on. */
  show(text, tokens, surprises, isUnknown, done, open) {
    const wanted = tokens.flatMap(({ start, end }, i) => [
      text.slice(tokens[i - 1]?.end ?? 0, start), text.slice(start, end),
    ]);
    wanted.push(text.slice(tokens.at(-1)?.end ?? 0));
    this.replace(wanted);
    this.end.hidden = open;
    tokens.forEach(({ token }, i) => {
      const [node, bits] = [this.pieces[2 * i + 1], surprises[i]];
      node.place = i;
      if (node.bits === bits || (bits === undefined && !done)) return;
      node.className = bits !== undefined && isUnknown(token) ? "unknown" : "";
      colored(node, bits);
    });
    if (!this.chosen?.isConnected || this.chosen.hidden) this.choose(this.last);
  }

  /** Mark the place that is inspected; Tab leads to it. */
  choose(place) {
    const node = this.nodeAt(place);
    if (!node || node === this.chosen) return;
    for (const [one, on] of [[this.chosen, false], [node, true]]) {
      if (!one) continue;
      one.tabIndex = on ? 0 : -1;
      one.ariaSelected = String(on);
    }
    this.end.tabIndex = node === this.end ? 0 : -1;
    this.chosen = node;
  }

  /** Draw a line under the words from a place on, as thick as their share, and under no others. */
  line(from, shares) {
    for (const node of this.lined) node.style.boxShadow = "";
    this.lined = thicknesses(shares).map((thick, i) => {
      const node = this.pieces[2 * (from + i) + 1];
      node.style.boxShadow = `0 ${thick}px 0 0 var(--h)`;
      return node;
    });
  }

  /* Only what differs, between the same beginning and the same end, is put in afresh. */
  replace(wanted) {
    const { pieces } = this;
    const least = Math.min(pieces.length, wanted.length);
    let [same, tail] = [0, 0];
    while (same < least && pieces[same].shows === wanted[same]) same++;
    while (tail < least - same && pieces.at(-1 - tail).shows === wanted.at(-1 - tail)) tail++;
    const fresh = wanted.slice(same, wanted.length - tail).map((piece, i) => {
      const node = (same + i) % 2 ? el("span", { role: "option", tabIndex: -1 }, piece) : new Text(piece);
      return Object.assign(node, { shows: piece });
    });
    const after = tail ? pieces.at(-tail) : this.end;
    for (const old of pieces.splice(same, pieces.length - same - tail, ...fresh)) old.remove();
    after.before(...fresh);
  }
}
