// «?» opens the help of this page in a panel; what one types in it is searched for.
import htmx from "htmx.org/dist/htmx.esm.js";

const panel = document.getElementById("help");
const input = panel?.querySelector("input");
const typing = "input, textarea, select, [contenteditable], .cm-editor";
let waiting;

function look() {
  const values = { app: input.dataset.app, page: input.dataset.page, q: input.value.trim() };
  return htmx.ajax("get", input.dataset.help, { source: "#help-found", target: "#help-found", swap: "innerHTML", values });
}

function open() {
  if (panel.open || document.querySelector("dialog[open]")) return;
  panel.showModal();
  look();
}

if (panel) {
  document.addEventListener("keydown", (event) => {
    if (document.documentElement.dataset.shortcuts === "off" || event.key !== "?" || event.ctrlKey || event.metaKey) return;
    if (event.target.closest?.(typing)) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-open-help]")) return;
    event.preventDefault();
    open();
  });
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 200);
  });
}
