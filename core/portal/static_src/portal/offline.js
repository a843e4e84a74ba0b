// When the network goes a bar says so; once it is back, or after a reload, what was typed elsewhere and not yet sent is listed.
import { icon } from "../../../web/static_src/web/icon.js";
import { draftsOf, forgetDraft } from "./drafts.js";
import { session } from "./session.js";

const bar = document.getElementById("offline");
const box = document.getElementById("found-drafts");
const PAUSE = 5000;
let asking;

/** The browser's word is not enough: a network without a way to the server is none. */
async function ask() {
  clearTimeout(asking);
  try {
    await session();
    show(false);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    show(true);
    asking = setTimeout(ask, PAUSE);
  }
}

function show(away) {
  if (bar.hidden === !away) return;
  bar.hidden = !away;
  bar.querySelector("[role=status]").textContent = away
    ? gettext("The server can’t be reached. What you type is kept in this tab; send it when this bar is gone.")
    : gettext("The server can be reached again.");
  if (!away) list();
}

/** Links to the other pages of this tab on which something is still unsent; nothing of anybody else's. */
function list() {
  const drafts = draftsOf().filter(({ path }) => path !== location.pathname);
  box.hidden = drafts.length === 0;
  box.querySelector("ul").replaceChildren(...drafts.map(line));
}

function line({ key, path, title }) {
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: path, textContent: title || path });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn-icon" });
  button.setAttribute("aria-label", `${gettext("Forget it")} (${title || path})`);
  button.append(icon("trash"));
  button.addEventListener("click", () => {
    forgetDraft(key);
    list();
    (box.querySelector("li a") ?? document.querySelector("main")).focus();
  });
  item.append(link, button);
  return item;
}

if (bar && box) {
  addEventListener("offline", () => ask());
  addEventListener("online", () => ask());
  document.addEventListener("htmx:sendError", () => ask());
  list();
}
