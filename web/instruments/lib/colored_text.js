/* A text shown with a color for each word: how much the word surprised the network. */

import { el } from "./page.js";

/** Color an element by a surprise in bits; undefined: by none. Its title says it in words. */
export function colored(node, bits) {
  node.bits = bits;
  const share = Math.round(Math.min(40, 3.2 * bits));
  const tint = `color-mix(in srgb, var(--z) ${share}%, transparent)`;
  node.style.backgroundColor = bits === undefined ? "" : tint;
  node.title = bits === undefined ? "" : `${bits.toFixed(1)} bits`;
  return node;
}

/** The text, with an element for each token. */
export class ColoredText {
  node = el("p", { className: "review-words" });
  pieces = []; // nodes: what is between tokens, and tokens, in turn

  /** Show a text. tokens: { token, start, end }; isUnknown(token) tells what gets a mark. A token
      without a surprise yet keeps its color until all is `done`. */
  show(text, tokens, surprises, isUnknown, done) {
    const wanted = tokens.flatMap(({ start, end }, i) => [
      text.slice(tokens[i - 1]?.end ?? 0, start), text.slice(start, end),
    ]);
    wanted.push(text.slice(tokens.at(-1)?.end ?? 0));
    this.replace(wanted);
    tokens.forEach(({ token }, i) => {
      const [node, bits] = [this.pieces[2 * i + 1], surprises[i]];
      if (node.bits === bits || (bits === undefined && !done)) return;
      node.className = bits !== undefined && isUnknown(token) ? "unknown" : "";
      colored(node, bits);
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
      const node = (same + i) % 2 ? el("span", {}, piece) : new Text(piece);
      return Object.assign(node, { shows: piece });
    });
    const after = tail ? pieces.at(-tail) : null;
    for (const old of pieces.splice(same, pieces.length - same - tail, ...fresh)) old.remove();
    if (after) after.before(...fresh);
    else this.node.append(...fresh);
  }
}
