// Guess first: what follows a cell's question waits until the reader has drawn or chosen a guess, or
// asks to see it. In print, and where scripts do not run, nothing waits (web/sphinx/guess.py).

const SVG = "http://www.w3.org/2000/svg";

function made(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function press(text, onclick) {
  return made("button", { type: "button", onclick }, text);
}

const short = (value) => String(Number(value.toPrecision(2)));

// What follows, up to the next heading or exercises.
function waiting(place) {
  const parts = [];
  for (let node = place.nextElementSibling; node; node = node.nextElementSibling) {
    if (/^(SECTION|H\d)$/.test(node.tagName)) break;
    if (node.querySelector(":scope > strong:first-child")?.textContent === "Exercises") break;
    parts.push(node);
  }
  return parts;
}

// A line over columns of the same width; values from low to high.
function line(className, values, [low, high]) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", className);
  const move = (now) => path.setAttribute("d", now.map((v, i) => `${i ? "L" : "M"}${i + 0.5} ${(high - v) / (high - low)}`).join(""));
  move(values);
  return { path, move };
}

// A handle for each value, moved by keys; a pointer draws across all of them.
function drawing({ values, draw: [low, high] }) {
  const handles = values.map(([name]) =>
    made("input", { type: "range", min: low, max: high, step: (high - low) / 50, value: (low + high) / 2, ariaLabel: name }));
  const guess = () => handles.map((handle) => Number(handle.value));
  const mine = line("guess-mine", guess(), [low, high]);
  const chart = document.createElementNS(SVG, "svg");
  chart.setAttribute("viewBox", `0 0 ${values.length} 1`);
  chart.setAttribute("preserveAspectRatio", "none");
  chart.setAttribute("aria-hidden", "true");
  chart.append(mine.path);
  const field = made("div", { className: "guess-field" }, ...handles, chart);
  field.oninput = () => mine.move(guess());
  const pull = (event) => {
    const box = field.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const handle = handles[Math.min(handles.length - 1, Math.max(0, Math.floor(share * handles.length)))];
    handle.value = high - ((event.clientY - box.top) / box.height) * (high - low);
    mine.move(guess());
  };
  field.onpointerdown = (event) => {
    if (event.button || !event.isPrimary || handles[0].disabled) return;
    field.setPointerCapture(event.pointerId);
    pull(event);
  };
  field.onpointermove = (event) => field.hasPointerCapture(event.pointerId) && pull(event);
  const names = made("div", { className: "guess-names", ariaHidden: "true" }, ...values.map(([name]) => made("span", {}, name)));
  const ends = made("div", { className: "guess-ends", ariaHidden: "true" }, made("span", {}, short(high)), made("span", {}, short(low)));
  // The answer: the second line, and in words; beside the guess, where one is to be compared.
  const answer = (compared) => {
    const found = guess();
    for (const handle of handles) handle.disabled = true;
    chart.append(line("guess-true", values.map(([, value]) => value), [low, high]).path);
    if (!compared) {
      mine.path.remove();
      return `Measured, at ${values.map(([name, value]) => `${name}: ${short(value)}`).join(", ")}.`;
    }
    const off = values.reduce((sum, [, value], i) => sum + Math.abs(value - found[i]), 0) / values.length;
    const each = values.map(([name, value], i) => `${name}: ${short(value)} (${short(found[i])})`);
    return `Solid: what was measured; dotted: your guess, on average ${short(off)} off. Measured (and drawn), at ${each.join(", ")}.`;
  };
  return { node: made("div", { className: "guess-draw" }, ends, field, names), answer };
}

// A button for each name.
function choice({ values, choose }, done) {
  const best = values.reduce((a, b) => ((choose === "smallest" ? b[1] < a[1] : b[1] > a[1]) ? b : a))[0];
  const buttons = values.map(([name]) => press(name, () => done(name)));
  const answer = (name) => {
    for (const one of buttons) {
      one.setAttribute("aria-disabled", "true");
      one.onclick = null;
      if (one.textContent === best) one.dataset.verdict = "right";
    }
    if (!name) return `It is ${best}.`;
    return name === best ? `You chose ${name}, and so it is.` : `You chose ${name}; it is ${best}.`;
  };
  return { node: made("div", { className: "guess-choices" }, ...buttons), answer };
}

function ask(place, number) {
  const guess = JSON.parse(place.dataset.guess);
  const parts = waiting(place);
  const verdict = made("p", { className: "guess-verdict", role: "status", tabIndex: -1 });
  const reveal = (sentence) => {
    for (const part of parts) part.classList.remove("guess-waits");
    verdict.textContent = sentence;
    const focused = closing.contains(document.activeElement);
    closing.remove();
    if (focused) verdict.focus(); // the next Tab reaches what was shown
  };
  const done = (guessed) => reveal(kind.answer(guessed));
  const kind = guess.draw ? drawing(guess) : choice(guess, done);
  const closing = made("div", { className: "guess-choices" });
  if (guess.draw) closing.append(press("compare", () => done(true)));
  closing.append(press("show me", () => done()));
  const question = made("p", { id: `guess-${number}` }, made("strong", {}, "Guess first. "), guess.ask);
  const panel = made("div", { className: "guess-panel", role: "group" }, question, kind.node, closing, verdict);
  panel.setAttribute("aria-labelledby", question.id);
  place.append(panel);
  for (const part of parts) part.classList.add("guess-waits");
}

document.querySelectorAll("div.guess").forEach(ask);
