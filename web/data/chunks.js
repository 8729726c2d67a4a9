/* Load data in pieces, each a classic script beside this one: that works from disk too. */

const here = typeof document === "undefined" ? "" : document.currentScript?.src;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Load a file that web/data/write_data.py has cut up, and return its parsed JSON.
    onProgress, if given, is called with the share that has arrived, from 0 to 1.
    Rejects with a sentence where a piece cannot be loaded; calling it again tries again. */
export async function loadChunks(name, onProgress = () => {}) {
  const { count } = await loadChunk(`${name}.0`);
  let arrived = 0;
  const parts = Array.from({ length: count }, async (_, i) => {
    await pause(i); // one at a time is asked for: the page answers in between
    const { part } = await loadChunk(`${name}.${i}`);
    onProgress(++arrived / count);
    return part;
  });
  const text = (await Promise.all(parts)).join("");
  await pause(0);
  return JSON.parse(text);
}

function loadChunk(name) {
  const there = () => globalThis.grubook?.chunks?.[name];
  return new Promise((resolve, reject) => {
    if (there()) return resolve(there());
    const script = document.createElement("script");
    script.src = new URL(`${name}.js`, here).href;
    script.onload = () => (there() ? resolve(there()) : script.onerror());
    script.onerror = () => {
      script.remove();
      reject(new Error(`The file ${name}.js could not be loaded.`));
    };
    document.head.append(script);
  });
}
