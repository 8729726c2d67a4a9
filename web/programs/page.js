/* What the programs' pages share: elements by name, messages, errors as sentences. */

export const byId = (name) => document.getElementById(name);

/** Write a line to the page's messages. */
export function say(line) {
  byId("log").textContent += `${line}\n`;
}

/** Run work when an element is used; meanwhile nothing else can be started. An error becomes a
    sentence among the messages. */
export function on(name, event, work) {
  byId(name).addEventListener(event, async () => {
    const controls = [...document.querySelectorAll("button, select, input")].filter((c) => !c.disabled);
    for (const control of controls) control.disabled = true;
    try {
      await work(byId(name));
    } catch (error) {
      say(`This did not work: ${error.message}`);
    }
    for (const control of controls) control.disabled = false;
  });
}

export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
