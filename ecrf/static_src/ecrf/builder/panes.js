// The tabs of the builder and the list of what is to be mended.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { get } from "./data.js";
import { parse } from "./outline.js";

export function problemList(app) {
  return html`<h2 class="panel-title" tabindex="-1">${icon("alert-triangle")}${gettext("To mend")}</h2>
    ${app.problems.length
      ? html`<ul class="problem-list">${app.problems.map((one) => html`<li><button class="btn-link" type="button" @click=${() => app.goTo(one.place)}>${one.message}</button><span class="text-soft">${whereOf(app, one.place)}</span></li>`)}</ul>`
      : html`<p><span class="state state-done">${icon("circle-check")}<span>${gettext("The form can be published")}</span></span></p>`}
    ${app.step === "saved" ? nothing : html`<p class="text-soft">${gettext("The list follows the next save.")}</p>`}`;
}

function whereOf(app, place) {
  const path = parse(place);
  if (path[0] !== "pages" || path.length < 2) return place;
  const item = path[4] === "items" ? get(app.data, path.slice(0, 6)) : null;
  const page = get(app.data, path.slice(0, 2));
  return [app.text(page?.title) || page?.key, item && (app.text(item.label) || item.key)].filter(Boolean).join(" · ");
}

function tabs(app, label, css, name, list) {
  return html`<div class=${css} role="group" aria-label=${label}>${list.map(([code, word, count]) => html`<button class="tab" type="button" aria-pressed=${app[name] === code ? "true" : "false"} @click=${() => app.look({ [name]: code })}>${word}${count ? html` <span class="tab-count">${count}</span>` : nothing}</button>`)}</div>`;
}

export function paneTabs(app) {
  return tabs(app, gettext("Parts of the builder"), "tabs pane-tabs", "pane", [["outline", gettext("Outline")], ["form", gettext("Form")], ["panel", gettext("Properties"), app.problems.length]]);
}

export function viewTabs(app) {
  const { data } = app;
  const spoken = data.languages.length > 1 && app.view === "form" ? html`<label class="view-language"><span class="visually-hidden">${gettext("Language shown")}</span><select class="form-select" @change=${(event) => app.look({ language: event.target.value })}>${data.languages.map((name) => html`<option value=${name} ?selected=${name === app.language}>${name}</option>`)}</select></label>` : nothing;
  return html`<div class="view-bar">${tabs(app, gettext("What is shown"), "tabs view-tabs", "view", [["form", gettext("Live form")], ["visits", gettext("Visits")], ["languages", gettext("Translations")], ["text", gettext("Text")]])}${spoken}</div>`;
}

export function panelTabs(app) {
  const open = app.comments.filter((one) => !one.thread && !one.resolved).length;
  return tabs(app, gettext("About what is selected"), "tabs panel-tabs", "panel", [["properties", gettext("Properties")], ["comments", gettext("Comments"), open], ["problems", gettext("To mend"), app.problems.length]]);
}

/** The form as text, with what can't be read and why it is spelled as it is. */
export function textPane(app) {
  const found = app.textProblems;
  return html`${found.length
      ? html`<div class="notice notice-warning" role="alert">${icon("alert-triangle")}<ul class="plain-list">${found.slice(0, 5).map((one) => html`<li><button class="btn-link" type="button" @click=${() => app.querySelector("ecrf-text").goTo(one.line)}>${interpolate(gettext("Line %s"), [one.line])}</button>${gettext(": ")}${one.message}</li>`)}</ul></div>`
      : nothing}
    ${app.spelled === "json" ? html`<p class="text-note">${gettext("While the form has faults it is shown by the names of the definition (JSON); once they are mended, in short (YAML).")}</p>` : nothing}
    <ecrf-text></ecrf-text>`;
}
