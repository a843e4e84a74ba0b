// Ctrl-K: go anywhere by typing. Without a word it lists the rooms of this project and the other projects.
import htmx from "htmx.org/dist/htmx.esm.js";
import { project } from "../../../web/static_src/web/page.js";

const palette = document.getElementById("palette");
const input = palette?.querySelector("input");
const results = document.getElementById("palette-results");
let chosen = -1;
let waiting;
let listed = Promise.resolve();

function hits() {
  return [...results.querySelectorAll("a.hit")];
}

function choose(place) {
  const all = hits();
  chosen = all.length ? (place + all.length) % all.length : -1;
  all.forEach((hit, index) => hit.setAttribute("aria-selected", String(index === chosen)));
  input.setAttribute("aria-activedescendant", all[chosen]?.id ?? "");
  all[chosen]?.scrollIntoView({ block: "nearest" });
}

/** Lists one after the other: the last one is of what is typed by then. */
function look() {
  clearTimeout(waiting);
  waiting = undefined;
  listed = listed.then(list, list);
}

async function list() {
  const words = input.value.trim();
  const address = words.length < 2 ? input.dataset.places : input.dataset.search;
  const values = words.length < 2 ? { project: project() } : { q: words, project: project() };
  await htmx.ajax("get", address, { source: results, target: results, swap: "innerHTML", values });
  choose(0);
}

/** Go to what is chosen, once the list is of what is typed. */
async function go() {
  if (waiting) look();
  await listed;
  if (palette.open) hits()[chosen]?.click();
}

function open() {
  if (palette.open) return;
  input.value = "";
  palette.showModal();
  look();
}

if (palette) {
  document.addEventListener("keydown", (event) => {
    if (document.documentElement.dataset.shortcuts === "off") return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-open-palette]")) open();
    if (target === palette) palette.close();
  });
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 150);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") go();
    else return;
    event.preventDefault();
  });
}
