// The dialogs of the builder: what to add, earlier states, the keys, somebody else's save.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { pasteDialog } from "./choices.js";
import { TYPES } from "./types.js";

const when = (iso, language) => new Date(iso).toLocaleString(language, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const close = (app) => html`<button class="btn" type="button" @click=${() => app.closeDialog()}>${gettext("Close")}</button>`;

export function dialog(app) {
  const asked = app.dialog;
  const inside = asked && { insert, states, keys, stale, paste: pasteDialog }[asked.kind](app, asked);
  const wide = asked && (asked.kind === "insert" || asked.kind === "keys") ? " is-wide" : "";
  return html`<dialog class="dialog builder-dialog${wide}" aria-label=${asked ? TITLES[asked.kind]() : gettext("Dialog")} ?data-must-answer=${asked?.kind === "stale"} @close=${() => app.closeDialog()} @cancel=${(event) => asked?.kind === "stale" && event.preventDefault()}>${inside ?? nothing}</dialog>`;
}

const TITLES = {
  insert: () => gettext("Add"),
  states: () => gettext("Earlier states"),
  keys: () => gettext("Keyboard"),
  stale: () => gettext("Somebody else saved"),
  paste: () => gettext("Choices as lines"),
};

function insert(app) {
  const { library } = app;
  return html`<div class="dialog-head">${icon("plus")}<h2>${gettext("Add")}</h2></div>
    <div class="dialog-body">
      <h3>${gettext("A question")}</h3>
      <ul class="plain-list kinds">${TYPES.map((kind, place) => html`<li><button class="btn kind" type="button" ?autofocus=${place === 0} @click=${() => app.addItem(kind)}>${kind.icon.cloneNode(true)}${kind.word()}</button></li>`)}</ul>
      <h3>${gettext("A part of the form")}</h3>
      <ul class="plain-list kinds">
        <li><button class="btn kind" type="button" @click=${() => app.addGroup()}>${icon("section")}${gettext("Section")}</button></li>
        <li><button class="btn kind" type="button" @click=${() => app.addPage()}>${icon("file-text")}${gettext("Page")}</button></li>
      </ul>
      <h3>${gettext("Pages that exist")}</h3>
      ${library
        ? html`<ul class="plain-list library">
              ${library.instruments.map(
                (one) => html`<li><div><strong>${one.title}</strong><p>${one.about}</p><p class="text-soft">${one.licence.name}${gettext(": ")}${one.licence.text} ${one.licence.url ? html`<a href=${one.licence.url} rel="noreferrer" target="_blank">${gettext("Terms")}<span class="visually-hidden"> ${one.title}</span></a>` : nothing} ${one.source}</p></div><button class="btn btn-sm" type="button" @click=${() => app.bring(`instrument=${one.key}`)}>${gettext("Insert")}<span class="visually-hidden"> ${one.title}</span></button></li>`,
              )}
            </ul>
            ${library.forms.length ? html`<h3>${gettext("From another form")}</h3><ul class="plain-list library">${library.forms.map((form) => html`<li><div><strong>${form.title}</strong> <span class="text-soft">${form.project}</span></div><button class="btn btn-sm" type="button" @click=${() => app.bring(`form=${form.id}`)}>${gettext("Insert")}<span class="visually-hidden"> ${form.title}</span></button></li>`)}</ul>` : nothing}`
        : html`<p class="text-soft">${gettext("Looking for the library…")}</p>`}
    </div>
    <div class="dialog-foot">${close(app)}</div>`;
}

function states(app, asked) {
  return html`<div class="dialog-head">${icon("history")}<h2>${gettext("Earlier states")}</h2></div>
    <div class="dialog-body">
      <p class="text-soft">${gettext("Going back keeps the present state in this list.")}</p>
      ${asked.found
        ? html`<ol class="plain-list library">${asked.found.map((one) => html`<li><div><strong>${when(one.at, app.reader)}</strong> <span class="text-soft">${one.by}</span></div>${one.revision === app.saver.base ? html`<span class="text-soft">${gettext("now")}</span>` : html`<button class="btn btn-sm" type="button" @click=${() => app.goBack(one.revision)}>${gettext("Go back to it")}</button>`}</li>`)}</ol>`
        : html`<p class="text-soft">${gettext("Looking…")}</p>`}
    </div>
    <div class="dialog-foot">${close(app)}</div>`;
}

function keys(app) {
  const rows = [
    ["Ctrl Z", gettext("Undo")],
    ["Ctrl Shift Z", gettext("Redo")],
    ["Ctrl S", gettext("Save now")],
    ["/", gettext("Search in the form")],
    ["?", gettext("This list")],
    ["↑ ↓ ← →", gettext("Go through the outline, open and close pages")],
    ["Alt ↑ ↓", gettext("Move what is selected")],
    [gettext("Shift ↑ ↓"), gettext("Select more")],
    ["Ctrl C, X, V", gettext("Copy, cut, paste")],
    ["Ctrl D", gettext("Duplicate")],
    [gettext("Del"), gettext("Delete")],
    [gettext("Enter"), gettext("Go to the label")],
    [gettext("Ins"), gettext("Add")],
  ];
  return html`<div class="dialog-head">${icon("keyboard")}<h2>${gettext("Keyboard")}</h2></div>
    <div class="dialog-body"><dl class="facts keys">${rows.map(([key, word]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${word}</dd></div>`)}</dl><p class="text-soft">${gettext("Keys of the outline work while it has the focus.")}</p></div>
    <div class="dialog-foot">${close(app)}</div>`;
}

function stale(app, asked) {
  return html`<div class="dialog-head">${icon("alert-triangle")}<h2>${gettext("Somebody else saved")}</h2></div>
    <div class="dialog-body"><p>${asked.message}</p><p>${gettext("Both can’t stand. What you leave stays in the earlier states, or in this tab until you close it.")}</p></div>
    <div class="dialog-foot"><button class="btn" type="button" @click=${() => app.settleStale(true)}>${gettext("Keep mine")}</button><button class="btn btn-primary" type="button" @click=${() => app.settleStale(false)}>${gettext("Take theirs")}</button></div>`;
}
