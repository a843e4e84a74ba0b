// Messages in the live region at the foot of the page. Errors stay until they are closed.
import { icon } from "./icon.js";

const ICONS = { success: icon("circle-check"), warning: icon("alert-triangle"), error: icon("circle-x"), info: icon("info-circle") };
const SHOWN = 8000;

export function toast(text, level = "info") {
  const note = document.createElement("div");
  note.className = `toast-note toast-${level}`;
  note.dataset.toast = "";
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-icon";
  close.dataset.closeToast = "";
  close.setAttribute("aria-label", gettext("Close this message"));
  close.append(icon("x"));
  note.append(ICONS[level].cloneNode(true), words, close);
  document.querySelector(".toasts").append(note);
  leave(note);
}

/** A message goes by itself once it was shown long enough, not while it is read with the mouse or the keyboard. */
function leave(note) {
  if (note.matches(".toast-error, .toast-warning")) return;
  const go = () => (note.matches(":hover, :focus-within") ? setTimeout(go, 1000) : note.remove());
  setTimeout(go, SHOWN);
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close-toast]")) target.closest("[data-toast]").remove();
});
for (const note of document.querySelectorAll("[data-toast]")) leave(note);
