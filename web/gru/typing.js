/* A text that is being written, for the network that guesses on. */

import { tokensOf } from "./words.js";

/** Cut a text into tokens that are finished and `open`, the word at its end that may go on, or
    nothing. Tokens are { token, start, end }, as tokensOf gives them. */
export function cutTyped(text) {
  const tokens = tokensOf(text);
  const last = tokens.at(-1);
  const open = last?.end === text.length && /\p{L}|\p{N}/u.test(last.token);
  return open ? { finished: tokens.slice(0, -1), open: last } : { finished: tokens };
}

/** Put a word into a text, in place of the one at its end that is not finished, with the spaces and
    the capital that belong there. */
export function accept(text, word) {
  const before = text.slice(0, cutTyped(text).open?.start);
  if (/^[.!?,]$/.test(word)) return `${before.trimEnd()}${word} `;
  const starts = /(^|[.!?])\s*$/.test(before);
  const capital = starts || /^i('|$)/.test(word) ? word[0].toUpperCase() + word.slice(1) : word;
  return `${before}${before && !/\s$/.test(before) ? " " : ""}${capital} `;
}
