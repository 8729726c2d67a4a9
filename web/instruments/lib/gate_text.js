/* Numbers and symbols as the gate explorer writes them. */

import { el } from "./page.js";

/** A letter as in the equations, with an index where one is given. */
export function symbol(letter, index) {
  const letterNode = el("i", { className: "symbol" }, letter);
  return index ? el("span", {}, letterNode, el("sub", {}, index)) : letterNode;
}

/** Text in which b_z and its like become symbols, as a list of nodes and texts. */
export function withSymbols(text) {
  return text.split(/\b([WUb]_[zrh]|[zrh])\b/).map((part, i) =>
    i % 2 ? symbol(...part.split("_")) : part,
  );
}

/** A number with a minus sign in place of the hyphen. */
export function minus(value) {
  return String(value).replace("-", "−");
}

/** A number with two decimals. */
export function fixed(value) {
  const text = value.toFixed(2);
  return minus(text === "-0.00" ? "0.00" : text);
}
