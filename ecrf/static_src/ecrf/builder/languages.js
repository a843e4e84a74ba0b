// Languages side by side: every text of the form, those that lack a translation counted and found.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { set } from "./data.js";

const PARTS = new Set(["title", "label", "help", "message", "description", "placeholder", "prefix", "suffix", "tab", "sign", "text"]);
const SHOWN = 200;
const CODE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/;

/** Every text with its path, in the order of the form. */
export function* textsOf(part, path = []) {
  if (Array.isArray(part)) for (const [place, one] of part.entries()) yield* textsOf(one, [...path, place]);
  else if (part && typeof part === "object") {
    for (const [name, value] of Object.entries(part)) {
      if (name === "source" || name === "unconverted") continue;
      const isText = PARTS.has(name) && value && typeof value === "object" && !Array.isArray(value);
      if (isText) yield { path: [...path, name], value };
      else yield* textsOf(value, [...path, name]);
    }
  }
}

const lacks = (value, languages) => Object.values(value).some(Boolean) && languages.some((name) => !value[name]);
const nameOf = (code, reader) => new Intl.DisplayNames([reader], { type: "language" }).of(code) ?? code;

export function languages(app) {
  const { data } = app;
  const all = [...textsOf(data)];
  const missing = (name) => all.filter(({ value }) => Object.values(value).some(Boolean) && !value[name]).length;
  const shown = (app.onlyMissing ? all.filter(({ value }) => lacks(value, data.languages)) : all).slice(0, app.textsShown);
  const add = (event) => {
    event.preventDefault();
    const code = event.target.elements.code.value.trim();
    if (!CODE.test(code) || data.languages.includes(code)) return;
    event.target.reset();
    app.change(gettext("New language"), set(data, ["languages"], [...data.languages, code]));
  };
  const drop = (code) => app.change(gettext("Language taken away"), without(data, code));
  const first = (code) => app.change(gettext("First language"), set(data, ["languages"], [code, ...data.languages.filter((name) => name !== code)]));
  return html`<div class="pane-inner">
    <h2>${gettext("Languages")}</h2>
    <ul class="plain-list language-list">
      ${data.languages.map((code, place) => html`<li><strong>${nameOf(code, app.reader)}</strong> <code>${code}</code>
        ${missing(code) ? html`<span class="state state-warning">${icon("alert-triangle")}<span>${interpolate(ngettext("%s text is missing", "%s texts are missing", missing(code)), [missing(code)])}</span></span>` : html`<span class="state state-done">${icon("circle-check")}<span>${gettext("complete")}</span></span>`}
        ${place ? html`<button class="btn btn-sm" type="button" @click=${() => first(code)}>${gettext("Make it the first")}</button><button class="btn btn-sm" type="button" @click=${() => drop(code)}>${gettext("Take away")}</button>` : html`<span class="text-soft">${gettext("first language")}</span>`}</li>`)}
    </ul>
    <form class="language-add" @submit=${add}>
      <label class="form-label" for="language-code">${gettext("Add a language (code)")}</label>
      <input class="form-control is-short" id="language-code" name="code" list="language-codes" maxlength="12" autocomplete="off" placeholder="es" />
      <datalist id="language-codes">${["fr", "en", "de", "es", "it", "pt", "nl", "ar", "br", "pl", "ro", "tr", "uk"].filter((code) => !data.languages.includes(code)).map((code) => html`<option value=${code}>${nameOf(code, app.reader)}</option>`)}</datalist>
      <button class="btn">${icon("plus")}${gettext("Add")}</button>
    </form>
    <h2>${gettext("Texts")} <span class="count">${all.length}</span></h2>
    <label class="form-check"><input class="form-check-input" type="checkbox" .checked=${live(app.onlyMissing)} @change=${(event) => app.look({ onlyMissing: event.target.checked, textsShown: SHOWN })} /><span class="form-check-label">${gettext("Only those that lack a translation")}</span></label>
    ${shown.length
      ? html`<div class="table-scroll" role="region" tabindex="0" aria-label=${gettext("Texts")}><table class="table table-texts">
          <thead><tr><th scope="col">${gettext("Where")}</th>${data.languages.map((code) => html`<th scope="col">${nameOf(code, app.reader)}</th>`)}</tr></thead>
          <tbody>${shown.map(({ path, value }) => row(app, path, value))}</tbody>
        </table></div>`
      : html`<p class="text-soft">${gettext("No text lacks a translation.")}</p>`}
    ${shown.length === app.textsShown ? html`<button class="btn" type="button" @click=${() => app.look({ textsShown: app.textsShown + SHOWN })}>${gettext("Show more")}</button>` : nothing}
  </div>`;
}

function row(app, path, value) {
  const where = app.nameOf(path);
  const change = (code, text) => {
    const next = { ...value };
    if (text) next[code] = text;
    else delete next[code];
    app.change(gettext("Translation"), set(app.data, path, next), `${path.join(".")} ${code}`);
  };
  return html`<tr><th scope="row">${where}</th>${app.data.languages.map((code) => html`<td><textarea class="form-control${value[code] || !Object.values(value).some(Boolean) ? "" : " is-missing"}" rows="1" lang=${code} aria-label="${where}, ${code}" .value=${live(value[code] ?? "")} @change=${(event) => change(code, event.target.value)}></textarea></td>`)}</tr>`;
}

/** The definition without a language and what was written in it. */
function without(data, code) {
  let next = set(data, ["languages"], data.languages.filter((name) => name !== code));
  for (const { path, value } of textsOf(data)) {
    if (!(code in value)) continue;
    const { [code]: _gone, ...rest } = value;
    next = set(next, path, rest);
  }
  return next;
}
