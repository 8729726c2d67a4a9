/* An instrument's picture stands in its place until the reader asks for the instrument: trained
   weights are large, and who only scrolls past need not pay for them. */

import { loadChunks } from "../../data/chunks.js";
import { pause } from "../../gru/weights.js";
import { button, el } from "./page.js";

/* Bytes of each data set as a host sends it, gzipped; web/build.mjs puts them here. */
const SIZES = DATA_SIZES;

/** Show the picture that the notebook has, with a button, and hide the rest of the instrument; once
    the reader asks, load the data sets `names` of web/data, call ready(await make(...files)) and show
    the rest. The reader asks with the button, on the picture, or by a link to a preset, here or from
    another page. Loading begins when the button is pointed at or focused, unless the reader saves
    data. Returns the element, to be appended to root. */
export function loadWhenAsked(root, names, make, ready) {
  const size = names.reduce((sum, name) => sum + SIZES[name], 0) / 1e6;
  const amount = size < 0.1 ? `${Math.ceil(1000 * size)} KB` : `${size.toFixed(1)} MB`;
  const start = button(`Start the ${root.ariaLabel.toLowerCase()} (${amount})`, () => open());
  const line = el("p", { className: "instrument-loading", role: "status" });
  const box = el("div", { className: "instrument-start" }, start, line);
  const shares = names.map(() => 0);
  const progress = el("progress", { max: 1, value: 0, ariaLabel: "Loading the trained weights" });
  const load = (name, i) =>
    loadChunks(name, (share) => {
      shares[i] = share;
      progress.value = shares.reduce((sum, each, k) => sum + each * SIZES[names[k]], 0) / size / 1e6;
    });
  let loading = null;
  const gather = () => (loading ??= Promise.all(names.map(load)).then(async (files) => {
    await pause();
    return make(...files);
  }));

  let opening = false;
  const open = async () => {
    if (opening) return;
    opening = true;
    line.replaceChildren("Loading the trained weights … ", progress);
    let data;
    try {
      data = await gather();
    } catch (error) {
      [loading, opening] = [null, false];
      return line.replaceChildren(`${error.message} Try again.`);
    }
    const focused = box.contains(document.activeElement);
    box.remove();
    root.classList.remove("is-waiting");
    await pause(20); // more than a frame: what is shown now is laid out before it is filled
    if (focused) root.focus({ preventScroll: true }); // the next Tab reaches what it shows
    ready(data);
  };
  const saves = navigator.connection?.saveData || matchMedia("(prefers-reduced-data: reduce)").matches;
  if (!saves) start.onpointerenter = start.onfocus = () => gather().catch(() => (loading = null));

  root.classList.add("is-waiting");
  root.tabIndex = -1;
  queueMicrotask(() => {
    const place = root.closest(".instrument"); // by now it is in the page
    const picture = place.querySelector("img").cloneNode();
    picture.onclick = open;
    box.prepend(picture);
    const follow = () => location.hash.startsWith(`#${place.id}-`) && open();
    addEventListener("hashchange", follow);
    follow();
  });
  return box;
}
