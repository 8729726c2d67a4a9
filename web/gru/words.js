/* Words and integers, as the book's Python has them (grubook.text). The programs and the instrument
   read with the same tokenizer: another one would hand other words to the same network. */

import { decodeHTML } from "entities/decode";

export const PAD = 0;
export const UNKNOWN = 1;
export const END = 2;

/* A word begins with a letter or a digit, goes on with letters, digits and combining marks, also
   across an invisible joiner, and may hold one apostrophe that letters follow; or it is a mark. */
const TOKEN =
  /[\p{L}\p{N}](?:[\u200C\u200D]?[\p{L}\p{N}\p{M}])*(?:'\p{L}(?:[\u200C\u200D]?[\p{L}\p{M}])*)?|[.!?,]/gu;
/* A tag opens with a letter or a slash, so that "I <3 this" stays. */
const TAG = /<\/?[a-z][^<>]*>/gi;
/* Of markup such as [[VIDEOID:4cb5...]] and [[ASIN:B00... the name shown]] only the name is text. */
const SHOP_MARKUP = /\[\[(?:video\w*|asin):?\s*\S*?(?:\s+([^\]]*))?\]\]/gi;

/** Remove what a shop's page added to a review: HTML entities become characters, tags and video
    markup become a space. wordsOf(withoutMarkup(review)) is Python's tokenize(clean(review)). */
export function withoutMarkup(review) {
  const text = decodeHTML(review).replace(TAG, " ");
  return text.replace(SHOP_MARKUP, (_, name = "") => ` ${name} `);
}

/** Split a text into words and the marks . ! ? , in lower case. */
export function wordsOf(text) {
  return tokensOf(text).map(({ token }) => token);
}

/** Split a text, and say where each token stands in it: a list of { token, start, end }. */
export function tokensOf(text) {
  const { folded, startOf, endOf } = fold(text);
  return Array.from(folded.matchAll(TOKEN), ({ 0: token, index }) => ({
    token,
    start: startOf(index),
    end: endOf(index + token.length - 1),
  }));
}

/* What may compose: Korean letters into a syllable, anything with the marks that follow it. */
const CLUSTER = /[\u1100-\u115F\uAC00-\uD7A3][\u1160-\u11FF]+|\P{M}\p{M}*|\p{M}+/gu;

/* Fold what was typed in different ways: accents composed, apostrophes straight, lower case.
   Character i of the folded text stands from startOf(i) to endOf(i) in the text that was typed:
   composing makes it shorter, and the Turkish capital İ becomes two characters. */
function fold(text) {
  const lower = (one) => one.replace(/[‘’ʼ´]/g, "'").toLowerCase();
  if (text.normalize("NFC") === text && !text.includes("İ")) {
    return { folded: lower(text), startOf: (i) => i, endOf: (i) => i + 1 };
  }
  const places = [];
  let folded = "";
  for (const { 0: typed, index } of text.matchAll(CLUSTER)) {
    const part = typed.normalize("NFC").replaceAll("İ", "i\u0307");
    folded += part;
    for (let i = 0; i < part.length; i++) {
      places.push(part === typed ? [index + i, index + i + 1] : [index, index + typed.length]);
    }
  }
  return { folded: lower(folded), startOf: (i) => places[i][0], endOf: (i) => places[i][1] };
}

/** Take the most frequent words of the training sentences; ties go by the alphabet.
    Returns { words, ids }. */
export function buildVocabulary(sentences, size) {
  const counts = new Map();
  for (const word of sentences.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ranked = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
  return vocabularyOf(["<pad>", "<unk>", "<eos>", ...ranked.slice(0, size - 3)]);
}

/** Make a vocabulary of a list that begins with <pad>, <unk> and <eos>. */
export function vocabularyOf(words) {
  const begins = words.slice(0, 3).join(" ");
  if (begins !== "<pad> <unk> <eos>") throw new Error(`a vocabulary begins with <pad> <unk> <eos>, not ${begins}`);
  return { words, ids: new Map(words.map((word, id) => [word, id])) };
}

export function encode(words, { ids }) {
  return words.map((word) => ids.get(word) ?? UNKNOWN);
}

/** Cut encoded sentences, END at the end of each, into what a network reads and what it is asked for:
    at each step the word before (END at the start), and the word. A sentence of more than
    `timesteps` words goes on in the next window; what is left of its last window is PAD.
    Returns { inputs, targets }, lists of lists of `timesteps` integers. */
export function makeWindows(sentences, timesteps) {
  const [inputs, targets] = [[], []];
  const pad = (ids) => [...ids, ...Array(timesteps - ids.length).fill(PAD)];
  for (const ids of sentences) {
    const before = [END, ...ids];
    for (let start = 0; start < ids.length; start += timesteps) {
      const end = Math.min(start + timesteps, ids.length);
      inputs.push(pad(before.slice(start, end)));
      targets.push(pad(ids.slice(start, end)));
    }
  }
  return { inputs, targets };
}
