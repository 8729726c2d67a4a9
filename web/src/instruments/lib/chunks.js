/* Load data in pieces, each a classic script beside this one: that works from disk too. */

const here = typeof document === "undefined" ? "" : document.currentScript?.src;

/** Load a file that web/data/instruments.py has cut up, and return its parsed JSON.
    onProgress, if given, is called with the share that has arrived, from 0 to 1.
    Rejects with a sentence where a piece cannot be loaded; calling it again tries again. */
export async function loadChunks(name, onProgress = () => {}) {
  const { count } = await loadChunk(`${name}.0`);
  let arrived = 1;
  onProgress(arrived / count);
  const rest = Array.from({ length: count - 1 }, async (_, i) => {
    const chunk = await loadChunk(`${name}.${i + 1}`);
    onProgress(++arrived / count);
    return chunk;
  });
  await Promise.all(rest);
  const chunks = globalThis.grubook.chunks;
  return JSON.parse(Array.from({ length: count }, (_, i) => chunks[`${name}.${i}`].part).join(""));
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

/** Call work once, as soon as root is nearly in view. */
export function whenNear(root, work) {
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      work();
    },
    { rootMargin: "800px" },
  );
  watcher.observe(root);
}
