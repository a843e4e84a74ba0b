// Whose records are on the device: each subject with his sheets, and how far they are.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { sheetNow, sheetsOf } from "./casebook.js";

export const textOf = (page, texts) => (texts ? (texts[page.given.language] ?? Object.values(texts)[0]) : "");

export function subjects(page) {
  const { desk } = page;
  const sites = page.situation?.sites ?? desk.device.sites ?? [];
  const all = [...desk.subjects.values()];
  return html`<section aria-labelledby="offline-subjects">
    <div class="offline-head"><h2 id="offline-subjects">${gettext("On this device")} <span class="count">${all.length}</span></h2>${desk.forms.size && sites.length ? include(page, sites) : nothing}</div>
    ${all.length ? all.map((subject) => card(page, subject)) : html`<p class="text-soft">${gettext("No record is on this device yet: take some along below.")}</p>`}
  </section>`;
}

function include(page, sites) {
  const add = async (event) => {
    event.preventDefault();
    const site = sites.find((one) => one.code === (event.target.elements.site?.value ?? sites[0].code));
    const subject = await page.desk.include(site);
    page.draw();
    page.querySelector(`[data-subject="${subject.id}"] button`)?.focus();
  };
  return html`<form class="offline-include" @submit=${add}>
    ${sites.length > 1 ? html`<label class="visually-hidden" for="offline-site">${gettext("Site")}</label><select class="form-select" id="offline-site" name="site">${sites.map((site) => html`<option value=${site.code}>${site.name}</option>`)}</select>` : nothing}
    <button class="btn">${icon("user-plus")}${gettext("Include a subject")}</button>
  </form>`;
}

function card(page, subject) {
  const { desk } = page;
  const unsent = desk.unsentOf(subject.id).length;
  const until = new Date(subject.expires).toLocaleDateString(page.given.language, { day: "numeric", month: "long" });
  const name = subject.number || interpolate(gettext("New subject %s"), [[...desk.subjects.values()].filter((one) => one.isNew).indexOf(subject) + 1]);
  return html`<section class="card subject-card" data-subject=${subject.id} aria-label=${name}>
    <div class="card-header">
      <h3 class="card-title">${name}</h3>
      <span class="text-soft">${subject.site_name}</span>
      ${unsent ? html`<span class="state state-warning">${icon("upload")}<span>${interpolate(ngettext("one to send", "%s to send", unsent), [unsent])}</span></span>` : nothing}
      <span class="card-actions"><span class="text-soft">${subject.isNew ? gettext("gets a number when it is sent") : interpolate(gettext("until %s"), [until])}</span>
        <button class="btn-icon" type="button" aria-label=${`${gettext("Remove from this device")} ${name}`} title=${gettext("Remove from this device")} ?disabled=${Boolean(unsent)} @click=${() => page.remove(subject)}>${icon("trash")}</button></span>
    </div>
    ${[...desk.forms.values()].map((form) => sheets(page, subject, form))}
  </section>`;
}

function sheets(page, subject, form) {
  const events = sheetsOf(form.compiled, form.key, subject, page.desk.work);
  const many = page.desk.forms.size > 1;
  return html`${many ? html`<p class="offline-form">${form.title}</p>` : nothing}<ul class="page-steps">
    ${events.map((event) => {
      const title = textOf(page, event.spec?.title) || form.title;
      return html`
        ${event.sheets.map((sheet) => line(page, subject, sheet, event.spec?.repeats ? `${title} ${sheet.instance}` : title))}
        ${event.next && event.sheets.some((sheet) => sheetNow(subject, page.desk.work, sheet).saved) ? add(page, subject, event.next, title) : nothing}
        ${event.copies.map((copies) => {
          const named = textOf(page, copies.page.title);
          return html`${copies.sheets.map((sheet) => line(page, subject, sheet, `${named} ${sheet.instance}`))}${add(page, subject, copies.next, named)}`;
        })}`;
    })}
  </ul>`;
}

function line(page, subject, sheet, title) {
  const now = sheetNow(subject, page.desk.work, sheet);
  const answered = Object.keys(now.values).length;
  const state = now.locked ? ["locked", icon("lock"), gettext("Locked")] : now.complete.length ? ["done", icon("circle-check"), gettext("Complete")] : answered ? ["running", icon("progress"), gettext("Begun")] : ["waiting", icon("circle-dashed"), gettext("Not begun")];
  return html`<li><button class="offline-sheet" type="button" @click=${() => page.open(subject, sheet)}><span class="page-step-name">${title}</span><span class="state state-${state[0]}">${state[1]}<span>${state[2]}</span></span></button></li>`;
}

const add = (page, subject, sheet, title) => html`<li><button class="offline-sheet offline-add" type="button" @click=${() => page.open(subject, sheet)}>${icon("plus")}<span>${interpolate(gettext("Add: %s"), [title])}</span></button></li>`;
