/* What both programs share in training and in asking many times: batches, and room for the page. */

/** Let the page draw and answer, or Node.js see a key. model.fit waits for an animation frame
    instead, and a hidden tab has none; its timers run once a second. A message always arrives. */
export function breathe() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => resolve(port1.close());
    port2.postMessage(null);
  });
}

/** Go through ids (an array) in batches, with a breath after each. work(ids) may be asynchronous;
    show(share) is called with the share that is done; signal (an AbortSignal) ends it early.
    Returns { seconds, seen }: the time that work took, and how many ids it got. */
export async function inBatches(ids, size, work, { show, signal } = {}) {
  let [seconds, seen] = [0, 0];
  while (seen < ids.length && !signal?.aborted) {
    const batch = ids.slice(seen, seen + size);
    const start = performance.now();
    await work(batch);
    seconds += (performance.now() - start) / 1000;
    seen += batch.length;
    show?.(seen / ids.length);
    await breathe();
  }
  return { seconds, seen };
}

export const upTo = (n) => Array.from({ length: n }, (_, i) => i);

/** Free what a network keeps; what its optimizer keeps is no part of the model to TensorFlow.js. */
export function dispose(model) {
  model?.optimizer?.dispose();
  model?.dispose();
}

/** Throw a sentence where a training has gone astray. The loss need not show it: it is clipped. */
export async function checkWeights(model) {
  for (const array of model.getWeights()) {
    if ((await array.data()).every(Number.isFinite)) continue;
    throw new Error("the training diverged: a weight is no number any more");
  }
}
