// Small repairs to the theme, for the keyboard and for screen readers.

// What is wider than the page scrolls inside it, and the keyboard must reach it there.
function markScrollers() {
  for (const box of document.querySelectorAll("div.math")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
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

// From disk a page may not fetch another one, which the search does for its summaries.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

window.addEventListener("load", () => {
  markScrollers();
  nameControls();
});
window.addEventListener("resize", markScrollers);
