// Names of controls for screen readers, which the theme leaves out: axe reports them (tools/accessibility.mjs).
document.addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll(".bd-sidenav summary")) {
    const page = summary.closest("li").querySelector("a").textContent;
    summary.setAttribute("aria-label", `Pages below ${page}`);
  }
  // the label "Search" would replace the text "Search Ctrl+K", which is shown
  for (const button of document.querySelectorAll(".search-button-field")) {
    button.setAttribute("aria-label", button.textContent.trim().replace(/\s+/g, " "));
  }
});
