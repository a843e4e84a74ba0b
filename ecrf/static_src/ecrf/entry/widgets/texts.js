// Texts: one line, several, secret ones, and a number code with its keypad.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../../core/web/static_src/web/icon.js";
import { around, describedBy, held, hiddenLabel, idOf, input, isWrong, typed } from "./base.js";

function lines(form, spec) {
  const wrong = isWrong(form, spec);
  return html`<textarea
    class="form-control${wrong ? " is-invalid" : ""}"
    id=${idOf(spec.key)}
    rows=${spec.rows ?? 3}
    placeholder=${form.show.text(spec.placeholder) || nothing}
    aria-describedby=${describedBy(form, spec)}
    aria-invalid=${wrong ? "true" : nothing}
    aria-required=${form.isRequired(spec) ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(typed(form, spec))}
    @input=${(event) => form.type(spec, event.target.value)}
    @change=${() => form.leave(spec.key)}
  ></textarea>`;
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase"];

/** A number code: typed, or pressed on a keypad where there is no keyboard. */
function pin(form, spec) {
  const text = String(held(form, spec) ?? "");
  const press = (key) => {
    const next = key === "erase" ? text.slice(0, -1) : text + key;
    if (spec.max_length && next.length > spec.max_length) return;
    form.settle(spec.key, next || null);
  };
  const shown = form.revealed?.has(spec.key);
  const reveal = () => {
    form.revealed ??= new Set();
    if (!form.revealed.delete(spec.key)) form.revealed.add(spec.key);
    form.draw();
  };
  return html`<div class="pin">
    <span class="with-unit">${input(form, spec, { mode: "numeric", css: shown ? "is-short" : "is-secret is-short" })}
      <button class="btn btn-sm" type="button" aria-pressed=${shown ? "true" : "false"} @click=${reveal}>${shown ? icon("eye-off") : icon("eye")}${shown ? gettext("Hide") : gettext("Show")}${hiddenLabel(form, spec)}</button></span>
    ${form.fixed(spec)
      ? nothing
      : html`<div class="keypad" role="group" aria-label=${gettext("Keypad")}>
          ${KEYS.map((key) =>
            key === ""
              ? html`<span></span>`
              : html`<button class="btn" type="button" aria-label=${key === "erase" ? gettext("Erase the last digit") : key} ?disabled=${key === "erase" && !text} @click=${() => press(key)}>${key === "erase" ? icon("backspace") : key}</button>`,
          )}
        </div>`}
  </div>`;
}

export function text(form, spec) {
  if (spec.look === "lines") return lines(form, spec);
  if (spec.look === "pin") return pin(form, spec);
  const options = spec.look === "secret" ? { mode: "text", css: "is-secret" } : { mode: spec.format === "email" ? "email" : "text" };
  return around(form, spec, input(form, spec, options));
}
