/* The date reader: the book's network writes a typed date as ISO 8601, and shows where it looks. */

import { calendar, makeDateReader } from "../gru/dates.js";
import { pause } from "../gru/weights.js";
import { loadWhenAsked } from "./lib/loading.js";
import { el, onPreset, percent, place, setText, typeOver } from "./lib/page.js";

const NAMES = {
  de: "Deutsch", el: "Ελληνικά", en: "English (US)", es: "español", fr: "français", it: "italiano",
  ja: "日本語", pl: "polski", pt: "português", ru: "русский", tr: "Türkçe", zh: "中文",
};
const PRESETS = {
  spanish: ["es", "sábado, 21 de noviembre de 2026"],
  greek: ["el", "21 Νοεμβρίου 2026"],
  chinese: ["zh", "2026年11月21日星期六"],
  figures: ["en", "3/4/05"],
  impossible: ["en", "February 30, 2026"],
};
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const SURE = 0.9; // less for one symbol is said

class DateReader {
  reader = null;
  cells = []; // of the table, row by row: the written symbol, then one for each character
  rows = [];

  language = el("select", { disabled: true });
  text = el("input", { type: "text", maxLength: 200, spellcheck: false, autocomplete: "off", disabled: true });
  written = el("strong", { className: "value" });
  verdict = el("p", { className: "date-verdict" });
  table = el("table", { ariaLabel: "Attention, in hundredths" });

  constructor(root, say) {
    Object.assign(this, { root, say });
    root.append(
      el("p", { className: "instrument-lead" },
        "Type a date in one of twelve languages. The network writes it as year, month and day; the table shows where it looked before it wrote each symbol."),
      loadWhenAsked(root, ["dates"], make, (reader) => this.ready(reader)),
      el("div", { className: "date-ask" }, el("label", {}, "Language", this.language), el("label", {}, "Your date", this.text)),
      el("p", { className: "date-answer" }, "ISO 8601: ", this.written),
      this.verdict,
      el("p", { className: "instrument-keys" }, "Across: what was read. Down: what was written. In each row, hundredths of its attention; 0 is left blank."),
      el("div", { className: "date-map", tabIndex: 0, role: "region", ariaLabel: "Where it looked" }, this.table),
    );
    this.text.oninput = this.language.onchange = () => this.read();
  }

  ready(reader) {
    this.reader = reader;
    this.language.append(...reader.languages.map((code) => el("option", { value: code }, NAMES[code])));
    this.text.disabled = this.language.disabled = false;
    [this.language.value, this.text.value] = PRESETS.spanish;
    this.read();
    onPreset("date-reader", Object.keys(PRESETS), (name) => {
      const [language, text] = PRESETS[name];
      this.language.value = language;
      typeOver(this.text, text);
      this.read();
    });
  }

  read() {
    const found = this.reader.read(this.text.value, this.language.value);
    const empty = !found.known.length;
    setText(this.written, empty ? "" : found.written);
    const sentence = empty ? this.nothing(found) : verdictOf(found);
    setText(this.verdict, sentence);
    this.show(empty ? { steps: [], known: [] } : found);
    this.say(empty ? sentence : `${found.written}. ${sentence}`);
  }

  nothing({ unknown }) {
    return unknown.length ? `The network never saw ${quoted(unknown)}; nothing is left to read.` : "Nothing is written yet.";
  }

  /* Fill the table; rows and columns that are there already stay, and those in excess are hidden. */
  show({ steps, known }) {
    this.table.hidden = !steps.length;
    const head = ["", this.language.value, ...known];
    const rows = [head, ...steps.map(({ symbol, looked }) => [symbol, ...looked])];
    rows.forEach((row, i) => row.forEach((value, j) => this.fill(i, j, value)));
    this.cells.forEach((row, i) => row.forEach((cell, j) => {
      const hidden = i >= rows.length || j >= head.length;
      if (cell.hidden !== hidden) cell.hidden = hidden;
    }));
  }

  fill(i, j, value) {
    if (!this.cells[i]) {
      this.cells[i] = [];
      this.rows[i] = el("tr");
      this.table.append(this.rows[i]);
    }
    const row = this.cells[i];
    while (row.length <= j) {
      const heads = (i === 0) !== (row.length === 0); // the corner is no one's
      const cell = el(heads ? "th" : "td", heads ? { scope: i ? "row" : "col" } : {});
      row.push(cell);
      this.rows[i].append(cell);
    }
    const cell = row[j];
    if (i === 0 || j === 0) return setText(cell, value === " " ? "␣" : value);
    const hundredths = Math.round(100 * value);
    const shown = hundredths ? String(hundredths) : "";
    if (cell.textContent === shown) return;
    setText(cell, shown);
    cell.style.setProperty("--share", `${Math.round(0.4 * hundredths)}%`);
  }
}

/* What is to be said of an answer, beside the answer. */
function verdictOf({ written, steps, unknown, beyond }) {
  const least = steps.reduce((a, b) => (b.p < a.p ? b : a));
  const said = {
    day: () => `That is a ${weekday(written)}.`,
    month: () => "A month, and no day.",
    none: () => "There is no such day: the network learned figures, not the calendar.",
    text: () => "That is no date.",
  }[calendar(written)]();
  return [
    said,
    least.p < SURE && `It was unsure: its least sure symbol, ${least.symbol}, had ${percent(least.p)}.`,
    unknown.length && `It never saw ${quoted(unknown)}, and left that out.`,
    beyond && "The text is too long for it: the end was left out.",
  ].filter(Boolean).join(" ");
}

function weekday(written) {
  return WEEKDAYS[new Date(`${written}T00:00Z`).getUTCDay()];
}

function quoted(characters) {
  const some = characters.slice(0, 5).map((one) => `“${one}”`).join(", ");
  return characters.length > 5 ? `${some} and others` : some;
}

/* What is shown first is read once before: not in the one task that shows it. */
async function make(file) {
  const reader = makeDateReader(file);
  const [language, text] = PRESETS.spanish;
  await pause();
  reader.read(text, language);
  return reader;
}

place("date-reader", "Date reader", (root, say) => new DateReader(root, say));
