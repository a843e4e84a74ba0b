// The choices of a question or of a shared list: typed, pasted as lines, put in order, retired.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { choice, idFor, section } from "./controls.js";
import { free, insert, set, slug } from "./data.js";

export function choicesEditor(app, path, item) {
  const lists = Object.keys(app.data.lists ?? {});
  const where = item.list ? ["lists", item.list] : [...path, "choices"];
  const list = (item.list ? app.data.lists?.[item.list] : item.choices) ?? [];
  const source = (name) => {
    let next = set(app.data, [...path, "list"], name || undefined);
    next = set(next, [...path, "choices"], name ? undefined : list);
    app.change(gettext("Choices of a question"), next);
  };
  const share = () => {
    const name = free(slug(app.text(item.label)) || "list", new Set(lists.map((one) => one.toLowerCase())));
    let next = set(app.data, ["lists"], { ...app.data.lists, [name]: list });
    next = set(set(next, [...path, "choices"], undefined), [...path, "list"], name);
    app.change(gettext("Shared list"), next);
  };
  return section(
    html`${gettext("Choices")} <span class="count">${list.length}</span>`,
    html`${lists.length ? choice(`${path} list`, gettext("Where they come from"), item.list, [["", gettext("This question only")], ...lists.map((name) => [name, interpolate(gettext("Shared list %s"), [name])])], source) : nothing}
      ${item.list ? html`<p class="text-soft">${gettext("Changes here change every question that shares the list.")}</p>` : nothing}
      ${choiceRows(app, where, list, app.publishedCodes(item.key))}
      ${!item.list ? html`<button class="btn-link" type="button" @click=${share}>${gettext("Share these choices with other questions")}</button>` : nothing}`,
  );
}

export function choiceRows(app, path, list, published = new Set()) {
  const { language } = app;
  const at = (place, name, value, thread = name) => app.change(gettext("Choice"), set(app.data, [...path, place, name], value), `${path.join(".")} ${place} ${thread}`);
  const shift = (place, by) => {
    const to = place + by;
    if (to < 0 || to >= list.length) return;
    const next = [...list];
    next.splice(to, 0, ...next.splice(place, 1));
    app.change(gettext("Order of the choices"), set(app.data, path, next));
    app.announce(interpolate(gettext("Choice %(place)s of %(all)s"), { place: to + 1, all: list.length }, true));
    app.focusLater(idFor(`${path} ${to} label`));
  };
  const drop = (place) => (published.has(list[place].code) ? at(place, "retired", true) : app.change(gettext("Choice taken away"), set(app.data, path, list.filter((_, i) => i !== place))));
  const add = () => {
    app.change(gettext("New choice"), insert(app.data, path, list.length, { code: nextCode(list), label: {} }));
    app.focusLater(idFor(`${path} ${list.length} label`));
  };
  const keys = (event, place) => {
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) shift(place, event.key === "ArrowUp" ? -1 : 1);
    else if (event.key === "Enter") add();
    else return;
    event.preventDefault();
  };
  const label = (place, text) => {
    const texts = { ...list[place].label };
    if (text) texts[language] = text;
    else delete texts[language];
    at(place, "label", texts);
  };
  return html`<ol class="choice-rows">
      ${list.map(
        (one, place) => html`<li class=${one.retired ? "is-retired" : ""}>
          <input class="form-control is-code" id=${idFor(`${path} ${place} code`)} aria-label=${interpolate(gettext("Code of choice %s"), [place + 1])} maxlength="100" autocomplete="off" ?disabled=${published.has(one.code)} .value=${live(one.code)} @input=${(event) => at(place, "code", event.target.value)} />
          <input class="form-control" id=${idFor(`${path} ${place} label`)} aria-label=${interpolate(gettext("Label of choice %s"), [place + 1])} autocomplete="off" .value=${live(one.label?.[language] ?? "")} placeholder=${app.text(one.label)} @input=${(event) => label(place, event.target.value)} @keydown=${(event) => keys(event, place)} />
          ${one.retired
            ? html`<button class="btn-icon" type="button" title=${gettext("Offer it again")} aria-label=${gettext("Offer it again")} @click=${() => at(place, "retired", undefined)}>${icon("archive-off")}</button>`
            : html`<button class="btn-icon" type="button" title=${published.has(one.code) ? gettext("No longer offer it") : gettext("Delete")} aria-label="${published.has(one.code) ? gettext("No longer offer it") : gettext("Delete")} ${app.text(one.label)}" @click=${() => drop(place)}>${icon(published.has(one.code) ? "archive" : "trash")}</button>`}
        </li>`,
      )}
    </ol>
    <div class="rule-acts">
      <button class="btn btn-sm" type="button" @click=${add}>${icon("plus")}${gettext("Add a choice")}</button>
      <button class="btn btn-sm" type="button" @click=${() => app.openDialog({ kind: "paste", path, list, published })}>${icon("clipboard")}${gettext("Paste lines")}</button>
    </div>`;
}

/** The number after the greatest code that is one. */
function nextCode(list) {
  const numbers = list.map((one) => Number(one.code)).filter(Number.isInteger);
  return String(Math.max(0, ...numbers.filter((number) => number < 90)) + 1);
}

const CODED = /^\s*([A-Za-z0-9_.-]{1,100})\s*[,;=|\t]\s*(.+)$/;

/** Lines as choices: «1, Yes», «1=Yes», or labels alone, which get numbers. */
export function fromLines(text, language, before = []) {
  const known = new Map(before.map((one) => [one.code, one]));
  const lines = text.split(/\r?\n| \| /).map((line) => line.trim()).filter(Boolean);
  const coded = lines.length > 0 && lines.every((line) => CODED.test(line));
  return lines.map((line, place) => {
    const [, code, label] = coded ? CODED.exec(line) : [null, String(place + 1), line];
    return { ...known.get(code), code, label: { ...known.get(code)?.label, [language]: label.trim() } };
  });
}

export function pasteDialog(app, { path, list, published }) {
  const text = list.map((one) => `${one.code}, ${one.label?.[app.language] ?? app.text(one.label)}`).join("\n");
  const done = (event) => {
    event.preventDefault();
    const found = fromLines(event.target.elements.lines.value, app.language, list);
    const codes = new Set(found.map((one) => one.code));
    const kept = list.filter((one) => !codes.has(one.code) && published.has(one.code)).map((one) => ({ ...one, retired: true }));
    app.closeDialog();
    if (found.length) app.change(gettext("Choices pasted"), set(app.data, path, [...found, ...kept]));
  };
  return html`<form @submit=${done}>
    <div class="dialog-head">${icon("clipboard")}<h2>${gettext("Choices as lines")}</h2></div>
    <div class="dialog-body">
      <label class="form-label" for="paste-lines">${gettext("One choice per line: code, label")}</label>
      <textarea class="form-control is-code" id="paste-lines" name="lines" rows="10" .value=${text} aria-describedby="paste-help" autofocus></textarea>
      <div class="field-help" id="paste-help">${gettext("Without codes the lines are numbered. Choices in use that are left out are retired, not lost.")}</div>
    </div>
    <div class="dialog-foot"><button class="btn" type="button" @click=${() => app.closeDialog()}>${gettext("Cancel")}</button><button class="btn btn-primary">${gettext("Take these choices")}</button></div>
  </form>`;
}
