/* CSV for the browser; in Node.js the programs use csv-parser, as article 096 does. */

import Papa from "papaparse";

/** Read a CSV text with a header line. Fields may be quoted, and then hold commas, line breaks and
    doubled quotes. Returns one object a row, by the header's names; empty lines are skipped.
    Throws a sentence where there is no header, or where a quote is in the wrong place. */
export function readCsv(text) {
  const { data, errors, meta } = Papa.parse(text, {
    delimiter: ",",
    header: true,
    skipEmptyLines: true,
    transformHeader: (name) => name.trim(),
  });
  const fault = errors.find((one) => one.type === "Quotes");
  if (fault) {
    throw new Error(`row ${(fault.row ?? 0) + 1} of the CSV file has a quote in the wrong place`);
  }
  if (!meta.fields?.length) throw new Error("the CSV file is empty");
  return data.map((row) => Object.fromEntries(meta.fields.map((name) => [name, row[name] ?? ""])));
}

/** Take the text of each row: the column review_body, or text. */
export function reviewsOf(rows) {
  if (!rows.length) throw new Error("no review follows the header of the CSV file");
  const column = ["review_body", "text"].find((name) => name in rows[0]);
  if (!column) {
    const names = Object.keys(rows[0]).join(", ");
    throw new Error(`the CSV file has no column review_body or text; its columns are ${names}`);
  }
  return rows.map((row) => row[column]);
}
