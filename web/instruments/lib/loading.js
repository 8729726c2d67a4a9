/* Wait until the reader comes near, and show how far the data is. */

import { button, el } from "./page.js";

/** Load what an instrument needs, once root is nearly in view. gather(onProgress) promises it, and
    ready takes it. Returns the line that shows how far it is, or what failed with another try. */
export function loadWhenNear(root, gather, ready) {
  const progress = el("progress", { max: 1, value: 0, ariaLabel: "Loading the trained weights" });
  const line = el("p", { className: "instrument-loading" });
  const load = async () => {
    line.replaceChildren("Loading the trained weights … ", progress);
    let data;
    try {
      data = await gather((share) => (progress.value = share));
    } catch (error) {
      return line.replaceChildren(`${error.message} `, button("try again", load));
    }
    line.remove();
    ready(data);
  };
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      load();
    },
    { rootMargin: "800px" },
  );
  watcher.observe(root);
  return line;
}
