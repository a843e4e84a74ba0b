// The small parts that panels are made of: a labelled text, a box, a choice, a text in each language.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";

let count = 0;
const ids = new Map();

/** An id that stays the same for the same control. */
export function idFor(name) {
  if (!ids.has(name)) ids.set(name, `b${(count += 1)}`);
  return ids.get(name);
}

const help = (id, text) => (text ? html`<div class="field-help" id="${id}-help">${text}</div>` : nothing);
const describe = (id, text) => (text ? `${id}-help` : nothing);

export function textField(name, label, value, change, { lines = 0, hint = "", mode = nothing, code = false, wrong = "", max = 20000, disabled = false } = {}) {
  const id = idFor(name);
  const css = `form-control${code ? " is-code" : ""}${wrong ? " is-invalid" : ""}`;
  const input = (event) => change(event.target.value);
  const box = lines
    ? html`<textarea class=${css} id=${id} rows=${lines} maxlength=${max} aria-describedby=${describe(id, hint)} .value=${live(value ?? "")} @input=${input}></textarea>`
    : html`<input class=${css} id=${id} type="text" maxlength=${max} inputmode=${mode} autocomplete="off" ?disabled=${disabled} aria-describedby=${describe(id, hint)} aria-invalid=${wrong ? "true" : nothing} .value=${live(value ?? "")} @input=${input} />`;
  return html`<div class="prop"><label class="form-label" for=${id}>${label}</label>${box}${help(id, hint)}${wrong ? html`<p class="field-error">${wrong}</p>` : nothing}</div>`;
}

export function box(name, label, value, change, hint = "") {
  const id = idFor(name);
  return html`<div class="prop prop-box">
    <label class="form-check"><input class="form-check-input" type="checkbox" id=${id} aria-describedby=${describe(id, hint)} .checked=${live(Boolean(value))} @change=${(event) => change(event.target.checked)} /><span class="form-check-label">${label}</span></label>
    ${help(id, hint)}
  </div>`;
}

export function choice(name, label, value, options, change, hint = "") {
  const id = idFor(name);
  return html`<div class="prop">
    <label class="form-label" for=${id}>${label}</label>
    <select class="form-select" id=${id} aria-describedby=${describe(id, hint)} .value=${live(value ?? "")} @change=${(event) => change(event.target.value)}>
      ${options.map(([code, word]) => html`<option value=${code} ?selected=${code === (value ?? "")}>${word}</option>`)}
    </select>
    ${help(id, hint)}
  </div>`;
}

/** A text in each language of the form. */
export function texts(app, name, label, value, change, { lines = 0, hint = "" } = {}) {
  const languages = app.data.languages;
  return languages.map((language, place) =>
    textField(
      `${name} ${language}`,
      languages.length > 1 ? html`${label} <span class="lang-mark">${language}</span>` : label,
      value?.[language],
      (text) => {
        const next = { ...value };
        if (text) next[language] = text;
        else delete next[language];
        change(next, language);
      },
      { lines, hint: place === languages.length - 1 ? hint : "" },
    ),
  );
}

export const section = (title, inside, open = true) => html`<details class="prop-group" ?open=${open}><summary>${title}</summary><div>${inside}</div></details>`;
