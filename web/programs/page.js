/* What the programs' pages share: forms, messages, progress, and errors as sentences. */

import { findBackends, useBackend } from "./backends.js";
import { OPTIONS, readSettings, usualSettings } from "./options.js";

export const byId = (name) => document.getElementById(name);

/** Add a line to the page's messages. */
export function say(line) {
  byId("log").append(`${line}\n`);
  byId("log").scrollTop = byId("log").scrollHeight;
}

/** Show how far something is: the share that is done, from 0 to 1, and what it is. */
export function show(share, what) {
  byId("progress").value = share;
  byId("doing").textContent = what;
}

/** Run work(signal) when a form is sent; meanwhile nothing else can be, but it can be stopped. An
    error becomes a sentence among the messages. */
export function onSubmit(name, work) {
  const form = byId(name);
  const stop = form.querySelector("[name=stop]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const focused = document.activeElement;
    const controls = [...document.querySelectorAll("button, select, input")].filter((one) => !one.disabled);
    const abort = new AbortController();
    for (const control of controls) control.disabled = true;
    if (stop) Object.assign(stop, { disabled: false, onclick: () => abort.abort() });
    byId("busy").hidden = false;
    show(0, "");
    try {
      await work(abort.signal);
    } catch (error) {
      say(`This did not work: ${error.message}`);
    }
    byId("busy").hidden = true;
    if (stop) stop.disabled = true;
    for (const control of controls) control.disabled = false;
    focused.focus();
  });
}

/** Fill the form "train" with the backends that there are, and with the numbers usual for each. */
export function fillForm(program) {
  const backends = findBackends(program);
  const choice = byId("backend");
  choice.replaceChildren(...Object.entries(backends).map(([name, text]) => new Option(text, name)));
  const fill = () => {
    for (const [name, usual] of Object.entries(usualSettings(program, choice.value))) {
      if (byId(name)) Object.assign(byId(name), { min: OPTIONS[program][name].least, max: OPTIONS[program][name].most, value: usual });
    }
  };
  choice.onchange = fill;
  fill();
}

/** Read the form "train" and take its backend. Returns its settings; throws a sentence. */
export async function chosen(program) {
  const given = Object.fromEntries([...byId("train").querySelectorAll("select, [type=number]")].map((one) => [one.id, one.value]));
  const settings = readSettings(program, given, [...byId("backend").options].map(({ value }) => value));
  await useBackend(settings.backend);
  return settings;
}

/** Read a reader's file. Throws a sentence where that fails. */
export async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name} cannot be read: is it a folder, or was it moved?`);
  }
}
