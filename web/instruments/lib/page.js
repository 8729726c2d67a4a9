/* What the instruments share: finding their place in the page, building it, following it. */

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element. Properties are set as properties where the element has them (onclick,
    textContent, value), as attributes elsewhere. Children are elements or text; text stays text. */
export function el(tag, properties = {}, ...children) {
  return finish(document.createElement(tag), properties, children);
}

/** The same for SVG, where everything is an attribute. */
export function svg(tag, attributes = {}, ...children) {
  return finish(document.createElementNS(SVG, tag), attributes, children);
}

function finish(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name in node && node.namespaceURI !== SVG) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Make a button. */
export function button(text, onclick) {
  return el("button", { type: "button", onclick }, text);
}

/** Make a slider. */
export function slider(ariaLabel, [min, max, step], value) {
  return el("input", { type: "range", ariaLabel, min, max, step, value });
}

/** Make a slider and a field that takes its number, kept in step. change(value) is called with each
    number that the reader gives. What is no number between the bounds is refused in a sentence.
    toPosition and toValue turn a number into the slider's place, from -1 to 1, and back, where they
    are not the same. Returns { range, number, fault, value, show, disable }. */
export function numbered(name, [min, max, step = "any"], change, { toPosition, toValue, label = name } = {}) {
  const range = slider(name, toPosition ? [-1, 1, 0.01] : [min, max, step], 0);
  const number = el("input", { type: "number", ariaLabel: `${name}, as a number`, min, max, step, inputMode: "decimal" });
  const fault = el("p", { className: "instrument-fault", role: "alert" });
  const field = { range, number, fault, value: 0, show, disable: (off) => (range.disabled = number.disabled = off) };
  const complain = (sentence) => {
    fault.textContent = sentence;
    number.ariaInvalid = sentence ? "true" : null;
  };
  const keep = (value) => {
    field.value = value;
    range.ariaValueText = String(value);
    complain("");
  };
  function show(value) {
    keep(value);
    number.value = value;
    range.value = toPosition ? toPosition(value) : value;
  }
  range.oninput = () => {
    keep(toValue ? toValue(range.valueAsNumber) : range.valueAsNumber);
    number.value = field.value;
    change(field.value);
  };
  number.oninput = () => {
    const value = number.valueAsNumber;
    if (!(value >= min && value <= max)) {
      const [low, high, now] = [min, max, field.value].map((one) => String(one).replace("-", "−"));
      return complain(`${label} takes a number from ${low} to ${high}; it stays at ${now}.`);
    }
    keep(value); // the field stays as it is typed
    range.value = toPosition ? toPosition(value) : value;
    change(value);
  };
  number.onchange = () => Object.assign(number, { value: field.value, ariaInvalid: null }); // in place of what was refused
  return field;
}

/** Make a group that has a name for screen readers. */
export function group(className, ariaLabel, ...children) {
  return el("div", { className, role: "group", ariaLabel }, ...children);
}

/** A share, from 0 to 1, in words. What is not nothing is never said to be 0, nor all but all 100. */
export function percent(share) {
  if (share > 0 && share < 0.005) return "<1 %";
  if (share < 1 && share >= 0.995) return ">99 %";
  return `${Math.round(100 * share)} %`;
}

/** A whole number with commas. The browser's own way takes it many milliseconds, the first time. */
export function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/** Build the instrument of this name wherever the page has a place for it. The static figure stays
    in the page, for print; screens show in its stead an element that begins with the title. The rest
    is build(root, say)'s, where say(sentence) tells screen readers. */
export function place(name, title, build) {
  const start = () => {
    for (const figure of document.querySelectorAll(`.instrument.${name}`)) {
      const heading = el("p", { className: "instrument-title", role: "heading", ariaLevel: levelAt(figure) }, title);
      const root = group("instrument-live", title, heading);
      const line = el("p", { className: "visually-hidden", role: "status" });
      build(root, announcer(line, root, `a[href^="#${name}-"]`));
      root.append(line);
      figure.append(root); // after the empty targets of links, or they would scroll past it
      figure.classList.add("is-live");
    }
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
}

/* One level below the heading of the section that holds a figure. */
function levelAt(figure) {
  const heading = figure.closest("section")?.querySelector("h1, h2, h3, h4");
  return heading ? Number(heading.tagName[1]) + 1 : 2;
}

/** Call set(preset) when a link like #gate-explorer-remember is followed, and at once if the page
    was opened through one. A link that is followed twice counts twice. What comes after the
    instrument's name may be any text in an address; set gets only what is among presets. */
export function onPreset(name, presets, set) {
  const read = (hash) => {
    const preset = hash.startsWith(`#${name}-`) ? hash.slice(name.length + 2) : "";
    if (presets.includes(preset)) set(preset);
  };
  // The browser says hashchange some time after the click: by then the reader may have moved more.
  let clicked = "";
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere || event.defaultPrevented) return;
    clicked = link.hash;
    read(link.hash);
  });
  addEventListener("hashchange", () => {
    if (location.hash !== clicked) read(location.hash);
    clicked = "";
  });
  read(location.hash);
}

/** Call look(width) when root gets a width or another one, and when the page turns dark or light. */
export function onLook(root, look) {
  let width = 0;
  new ResizeObserver(([entry]) => look((width = entry.contentRect.width))).observe(root);
  const theme = new MutationObserver(() => look(width));
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

/** Let mouse, pen or finger draw on a surface: begin(place) where it is put down, move(place) for
    each place on its way, end() where it is lifted. A place is [x, y], from 0 to 1 inside. */
export function onDraw(surface, { begin, move, end }) {
  surface.onpointerdown = (event) => {
    if (event.button || !event.isPrimary) return; // a second finger does not scribble
    surface.setPointerCapture(event.pointerId);
    begin(placeOf(event, surface));
  };
  surface.onpointermove = (event) => {
    if (!surface.hasPointerCapture(event.pointerId)) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) move(placeOf(one, surface));
  };
  surface.onpointerup = surface.onpointercancel = end;
}

/** Where a pointer is, as [x, y], from 0 to 1 across an element. */
export function placeOf(event, node) {
  const box = node.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

/** Set the text of an element that holds nothing else, where it differs. The text node stays. */
export function setText(node, text) {
  const inner = node.firstChild;
  if (!inner) node.append(text);
  else if (inner.data !== text) inner.data = text;
}

/** Write a text into a field as the reader would: the browser's undo takes it back. */
export function typeOver(field, text) {
  let same = 0;
  while (same < text.length && field.value[same] === text[same]) same++;
  if (/[\uD800-\uDBFF]/.test(text[same - 1])) same--; // never half of a character
  field.focus({ preventScroll: true });
  field.setSelectionRange(same, field.value.length);
  const typed = same < text.length ? document.execCommand("insertText", false, text.slice(same)) : document.execCommand("delete");
  if (typed) return;
  field.value = text;
  field.dispatchEvent(new Event("input"));
}

/** Return a function that calls work once before the next frame, however often it is called. */
export function oncePerFrame(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      work();
    });
  };
}

/* Return a function that says a sentence to screen readers, once the reader has paused: not before
   the reader has done something in root, to start it aside, or followed a link of its presets. */
function announcer(line, root, presets) {
  let [timer, asked] = [null, false];
  const ask = ({ target }) => {
    if (target.closest?.(presets) || (root.contains(target) && !target.closest(".instrument-start"))) asked = true;
  };
  for (const kind of ["pointerdown", "keydown", "input", "click"]) document.addEventListener(kind, ask, true);
  return (sentence) => {
    clearTimeout(timer);
    if (asked) timer = setTimeout(() => (line.textContent = sentence), 700);
  };
}
