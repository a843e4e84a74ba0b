// What a device can't do by itself: pages that a script draws, and files. Both are held there, and said in words.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { pagesOf } from "../engine/definition.js";

/** Of a sheet, the pages and the questions that are filled in with the server. */
export function onlineOnly(compiled, sheet) {
  const asked = pagesOf(compiled, sheet.event ?? "", sheet.page);
  const scripted = asked.filter((page) => page.script !== undefined);
  const files = asked.filter((page) => !scripted.includes(page)).flatMap((page) => page.groups.flatMap((group) => group.items.filter((item) => item.type === "file")));
  return { pages: scripted, items: files };
}

/** What is locked on a sheet, and besides it what only the server can do. */
export function heldOf(held, { pages, items }) {
  return { pages: [...held.pages, ...pages.map((page) => page.key)], items: [...held.items, ...items.map((item) => item.key)] };
}

/** Says what is to be filled in online; `text` gives words of the form in the reader's language. */
export function onlineNotice({ pages, items }, text) {
  if (!pages.length && !items.length) return nothing;
  const names = (all, of) => all.map((one) => text(one[of]) || one.key).join(", ");
  return html`<div class="notice" role="note">${icon("info-circle")}<div>
    ${pages.length ? html`<p>${gettext("Only to be filled in online, for its questions follow from a script:")} ${names(pages, "title")}</p>` : nothing}
    ${items.length ? html`<p>${gettext("Files are added online:")} ${names(items, "label")}</p>` : nothing}
  </div></div>`;
}
