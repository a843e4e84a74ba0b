// One sheet, filled in on the device: the same <ecrf-entry> as with the server, with a door to the sealed store.
import { html } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import "../entry/element.js";
import { keyOf } from "./casebook.js";
import { doorOf, draftsOf, shown } from "./door.js";
import { onlineNotice, onlineOnly } from "./online.js";
import { textOf } from "./subjects.js";

export function sheetPage(page) {
  const { subject: id, ...sheet } = page.sheet;
  const subject = page.desk.subjects.get(id);
  const form = page.desk.forms.get(sheet.form);
  const event = form.compiled.events.get(sheet.event)?.spec;
  const copy = sheet.page && form.compiled.data.pages.find((one) => one.key === sheet.page);
  const title = [event && textOf(page, event.title), copy && `${textOf(page, copy.title)} ${sheet.instance}`].filter(Boolean).join(" · ");
  const place = keyOf({ ...sheet, subject: id });
  return html`<div class="page-head">
      <button class="btn btn-sm" type="button" @click=${() => page.close()}>${icon("arrow-left")}${gettext("Back to the list")}</button>
      <div class="page-title"><h1 tabindex="-1">${subject.number || gettext("New subject")} <span class="text-soft">${[form.title, title].filter(Boolean).join(" · ")}</span></h1></div>
    </div>
    ${onlineNotice(onlineOnly(form.compiled, sheet), (words) => textOf(page, words))}
    ${keyed(place, html`<div>${entryOf(page, subject, sheet, form, place)}</div>`)}`;
}

/** One element for a sheet as long as it is shown: drawing the page again leaves what is typed alone. */
function entryOf(page, subject, sheet, form, place) {
  if (page.entry?.place === place && page.entry.element.isConnected) return page.entry.element;
  const element = document.createElement("ecrf-entry");
  const now = shown(page.desk, subject, sheet);
  element.data = { definition: form.definition, ...now, version: form.version, language: page.given.language, page: "", title: form.title, editable: !now.locked, may: {}, mayVerify: false, urls: {} };
  element.door = doorOf(page.desk, subject, sheet, form);
  element.drafts = draftsOf(page.desk, subject, sheet, page.desk.drafts.get(place));
  page.entry = { place, element };
  return element;
}
