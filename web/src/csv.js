/* CSV as RFC 4180 has it, for the browser; in Node.js the programs use csv-parser. */

/** Read a CSV text with a header line. Fields may be quoted, and then hold commas, line breaks and
    doubled quotes. Returns one object a row, by the header's names. */
export function readCsv(text) {
  const rows = [[]];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/gy;
  const content = text.replace(/^\uFEFF/, "");
  while (field.lastIndex < content.length) {
    const start = field.lastIndex;
    const found = field.exec(content);
    if (!found) {
      const line = content.slice(0, start).split("\n").length;
      throw new Error(`line ${line} of the CSV file has a quote in the wrong place`);
    }
    const quoted = found[1].startsWith('"');
    rows.at(-1).push(quoted ? found[1].slice(1, -1).replaceAll('""', '"') : found[1]);
    if (found[2] !== "," && field.lastIndex < content.length) rows.push([]);
  }
  const [names, ...records] = rows.filter((row) => row.length > 1 || row[0]);
  if (!names) throw new Error("the CSV file is empty");
  return records.map((row) => Object.fromEntries(names.map((name, i) => [name.trim(), row[i] ?? ""])));
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
