// Small repairs to the theme, for the keyboard and for screen readers.

// What is wider than the page scrolls inside it, and the keyboard must reach it there. All are
// measured before any is marked: else each mark would have the page laid out anew.
function markScrollers() {
  const observer = new ResizeObserver((entries) => {
    const boxes = entries.map(({ target }) => [target, target.scrollWidth > target.clientWidth]);
    for (const [box, scrolls] of boxes) {
      if (scrolls) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  });
  const places = "article :is(pre, div.math, .cell_output > .output, .pst-scrollable-table-container)";
  for (const box of document.querySelectorAll(places)) observer.observe(box);
}

// A control is named by the words on it: not by its icon, a shortcut, or another text behind it.
function nameControls() {
  for (const key of document.querySelectorAll(".search-button__kbd-shortcut")) key.ariaHidden = "true";
  for (const control of document.querySelectorAll("summary, .search-button-field")) {
    control.ariaLabel = null;
  }
  for (const button of document.querySelectorAll(".copybtn")) button.ariaLabel = "Copy";
  const sidebar = document.getElementById("pst-primary-sidebar");
  if (sidebar) Object.assign(sidebar, { role: "region", ariaLabel: "The book" });
}

// A figure opens large, over the page. Without this, its link opens the drawing alone.
function enlargeFigures() {
  const close = Object.assign(document.createElement("button"), { textContent: "Close", type: "button" });
  const frame = document.createElement("div");
  const dialog = Object.assign(document.createElement("dialog"), { className: "large-figure" });
  dialog.ariaLabel = "The figure, large";
  frame.tabIndex = 0; // where it scrolls, the keyboard must reach it
  dialog.append(close, frame);
  document.body.append(dialog);
  const leave = () => dialog.close();
  close.addEventListener("click", leave);
  dialog.addEventListener("click", ({ target }) => target === frame && leave());
  for (const link of document.querySelectorAll("a.image-reference")) {
    link.ariaHasPopup = "dialog";
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      link.focus(); // where the focus returns to
      const image = link.querySelector("img").cloneNode();
      image.style.setProperty("--ratio", image.getAttribute("width") / image.getAttribute("height"));
      image.style.setProperty("--natural", `${image.getAttribute("width")}px`);
      frame.replaceChildren(image);
      dialog.showModal();
    });
  }
}

// A link to what is folded unfolds it.
function unfoldTarget() {
  const target = document.getElementById(location.hash.slice(1)); // not decoded: any text may stand there
  if (!target?.closest("details")) return;
  for (let fold = target; (fold = fold.closest("details")); fold = fold.parentElement) fold.open = true;
  target.scrollIntoView();
}

// On paper nothing unfolds: everything is.
function unfoldForPrint() {
  const folds = [...document.querySelectorAll("article details:not([open])")];
  for (const fold of folds) fold.open = true;
  addEventListener("afterprint", () => folds.forEach((fold) => (fold.open = false)), { once: true });
}

window.addEventListener("load", () => {
  markScrollers();
  nameControls();
  enlargeFigures();
  unfoldTarget();
});
window.addEventListener("hashchange", unfoldTarget);
window.addEventListener("beforeprint", unfoldForPrint);
