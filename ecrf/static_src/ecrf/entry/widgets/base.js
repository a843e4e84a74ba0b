// What every widget stands on: ids, what describes it, what stands in its input, and what is before and after it.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import * as typing from "../typing.js";

export const idOf = (key) => `item-${key.replaceAll("/", "--")}`;

export const isSoft = (severity) => severity === "warning" || severity === "query";

export const isWrong = (form, spec) => form.findings(spec.key).some((finding) => !isSoft(finding.severity));

const MOMENTS = new Set(["date", "partial_date", "datetime", "time"]);

/** What stands in an input: what is being typed, else the value as the language writes it. */
export const typed = (form, spec) => {
  if (form.typing?.key === spec.key) return form.typing.text;
  const raw = form.raw(spec.key);
  if (raw === null || raw === undefined) return "";
  if (MOMENTS.has(spec.type)) return typing.write(spec.type, String(raw), form.data.language);
  return spec.type === "decimal" || spec.type === "integer" ? form.show.number(String(raw)) : String(raw);
};

export function describedBy(form, spec) {
  const parts = [];
  if (spec.help) parts.push(`${idOf(spec.key)}-help`);
  if (form.findings(spec.key).length) parts.push(`${idOf(spec.key)}-notes`);
  return parts.join(" ") || nothing;
}

export function input(form, spec, options = {}) {
  const { mode = nothing, placeholder = "", css = "" } = options;
  const wrong = isWrong(form, spec);
  const short = spec.max_length && spec.max_length <= 12 ? " is-short" : "";
  return html`<input
    class="form-control ${css}${short}${wrong ? " is-invalid" : ""}"
    id=${idOf(spec.key)}
    type="text"
    inputmode=${mode}
    autocomplete="off"
    placeholder=${form.show.text(spec.placeholder) || placeholder || nothing}
    aria-describedby=${describedBy(form, spec)}
    aria-invalid=${wrong ? "true" : nothing}
    aria-required=${form.isRequired(spec) ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(typed(form, spec))}
    @input=${(event) => form.type(spec, event.target.value)}
    @change=${() => form.leave(spec.key)}
  />`;
}

/** What stands before and after a value: a prefix, a unit, a suffix. */
export const around = (form, spec, inside) => {
  const [before, after] = [form.show.text(spec.prefix), spec.unit || form.show.text(spec.suffix)];
  if (!before && !after) return inside;
  return html`<span class="with-unit">${before ? html`<span class="unit">${before}</span>` : nothing}${inside}${after ? html`<span class="unit">${after}</span>` : nothing}</span>`;
};

/** The answer, or null where there is none. */
export const held = (form, spec) => {
  const raw = form.raw(spec.key);
  return raw === undefined || raw === "" ? null : raw;
};

/** How a question of the form is called, for who doesn't see where a button stands. */
export const hiddenLabel = (form, spec) => html`<span class="visually-hidden"> ${form.show.text(spec.label)}</span>`;
