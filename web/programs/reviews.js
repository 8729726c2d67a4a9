/* Reviews from a reader's CSV file, in Node.js and in the browser alike. */

import Papa from "papaparse";

const MOST = 2 ** 28; // bytes: about as much as a JavaScript text can hold

/** Read the reviews of a CSV file: the column review_body, or text, where it is not blank.
    bytes: Uint8Array, UTF-8 or UTF-16 with its mark. Throws a sentence where it cannot be read. */
export function readReviews(bytes, name) {
  try {
    return reviewsOf(readCsv(decode(bytes)));
  } catch (error) {
    throw new Error(`${name}: ${error.message}`);
  }
}

function decode(bytes) {
  if (bytes.length > MOST) throw new Error(`more than ${MOST / 2 ** 20} MB; take a part of it`);
  const encoding = { "255,254": "utf-16le", "254,255": "utf-16be" }[bytes.slice(0, 2).join()] ?? "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // the sentence below says it
  }
  throw new Error("not a text in UTF-8 (or in UTF-16 with its mark); save it as CSV in UTF-8");
}

/** Read a CSV text with a header line. Fields may be quoted, and then hold commas, line breaks and
    doubled quotes. Returns one object a row, by the header's names; empty lines are skipped.
    Throws a sentence where a row has more or fewer fields, or a quote is in the wrong place. */
export function readCsv(text) {
  const { data, errors } = Papa.parse(text, { delimiter: ",", skipEmptyLines: true });
  const fault = errors.find(({ type }) => type === "Quotes");
  if (fault) throw new Error(`row ${fault.row + 1} of the CSV file has a quote in the wrong place`);
  const [header = [], ...rows] = data;
  const names = header.map((name) => name.trim());
  if (!names.some(Boolean)) throw new Error("the CSV file is empty");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`two columns of the CSV file are called "${twice}"`);
  return rows.map((row, i) => {
    if (row.length === names.length) return Object.fromEntries(names.map((name, k) => [name, row[k]]));
    throw new Error(
      `row ${i + 2} of the CSV file has ${row.length} fields where its header has ${names.length}: ` +
        "a text that holds a comma stands in quotes",
    );
  });
}

/** Take the text of each row that has one: the column review_body, or text. */
export function reviewsOf(rows) {
  if (!rows.length) throw new Error("no review follows the header of the CSV file");
  const names = Object.keys(rows[0]);
  const column = ["review_body", "text"].map((name) => names.find((one) => one.toLowerCase() === name)).find(Boolean);
  if (!column) {
    throw new Error(`the CSV file has no column review_body or text; its columns are ${names.join(", ")}`);
  }
  return rows.map((row) => row[column]).filter((review) => review.trim());
}
