// One field of a form: label above, widget, unit, help and findings under it. Texts are always text, never markup.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { signs } from "./review.js";
import * as typing from "./typing.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";

const sign = (severity) => (severity === "warning" ? icon("alert-triangle") : icon("alert-circle"));

export const idOf = (key) => `item-${key}`;

/** What stands in an input: what is being typed, else the value as the language writes it. */
const typed = (form, spec) => {
  if (form.typing?.key === spec.key) return form.typing.text;
  const raw = form.raw(spec.key);
  if (raw === null || raw === undefined) return "";
  if (MOMENTS.has(spec.type)) return typing.write(spec.type, String(raw), form.data.language);
  return spec.type === "decimal" || spec.type === "integer" ? form.show.number(String(raw)) : String(raw);
};

const MOMENTS = new Set(["date", "datetime", "time"]);

function describedBy(form, spec) {
  const parts = [];
  if (spec.help) parts.push(`${idOf(spec.key)}-help`);
  if (form.findings(spec.key).length) parts.push(`${idOf(spec.key)}-notes`);
  return parts.join(" ") || nothing;
}

function input(form, spec, options = {}) {
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
    aria-required=${spec.required ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(typed(form, spec))}
    @input=${(event) => form.type(spec, event.target.value)}
    @change=${() => form.leave(spec.key)}
  />`;
}

const isWrong = (form, spec) => form.findings(spec.key).some((finding) => finding.severity !== "warning");

/** A date or a time, with a button for now: most are entered on the spot. */
function moment(form, spec) {
  const value = form.state.values[spec.key];
  const echo = value && spec.type !== "time" && !isWrong(form, spec) ? form.weekday(value) : "";
  const now = spec.type === "date" ? gettext("Today") : gettext("Now");
  return html`<span class="with-unit"
    >${input(form, spec, { mode: spec.type === "date" ? "numeric" : nothing, placeholder: typing.pattern(spec.type, form.data.language, spec.seconds), css: "is-date" })}
    ${form.fixed(spec)
      ? nothing
      : html`<button class="btn btn-sm" type="button" @click=${() => form.settle(spec.key, form.present(spec))}>${now}<span class="visually-hidden"> ${form.show.text(spec.label)}</span></button>`}
    <span class="echo">${echo}</span></span
  >`;
}

const unit = (spec, inside) => (spec.unit ? html`<span class="with-unit">${inside}<span class="unit">${spec.unit}</span></span>` : inside);

function lines(form, spec) {
  const wrong = isWrong(form, spec);
  return html`<textarea
    class="form-control${wrong ? " is-invalid" : ""}"
    id=${idOf(spec.key)}
    rows="3"
    aria-describedby=${describedBy(form, spec)}
    aria-invalid=${wrong ? "true" : nothing}
    aria-required=${spec.required ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(typed(form, spec))}
    @input=${(event) => form.type(spec, event.target.value)}
    @change=${() => form.leave(spec.key)}
  ></textarea>`;
}

/** The choices on offer: a retired one only where it is the answer. */
export const offered = (form, spec) => {
  const held = [form.raw(spec.key) ?? []].flat();
  return spec.choices.filter((choice) => !choice.retired || held.includes(choice.code));
};

function list(form, spec) {
  const held = form.raw(spec.key) ?? "";
  return html`<select
    class="form-select"
    id=${idOf(spec.key)}
    aria-describedby=${describedBy(form, spec)}
    aria-required=${spec.required ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(held)}
    @change=${(event) => form.settle(spec.key, event.target.value || null)}
  >
    <option value="" ?selected=${held === ""}>${gettext("Not answered")}</option>
    ${offered(form, spec).map((choice) => html`<option value=${choice.code} ?selected=${choice.code === held}>${form.show.text(choice.label) || choice.code}</option>`)}
  </select>`;
}

function radios(form, spec, css) {
  const held = form.raw(spec.key) ?? null;
  return html`<div class=${css}>
    ${offered(form, spec).map(
      (choice, place) => html`<label class="form-check"
        ><input
          class="form-check-input"
          type="radio"
          id=${place ? nothing : idOf(spec.key)}
          name=${idOf(spec.key)}
          value=${choice.code}
          ?disabled=${form.fixed(spec)}
          .checked=${live(choice.code === held)}
          @change=${() => form.settle(spec.key, choice.code)}
        /><span class="form-check-label">${form.show.text(choice.label) || choice.code}</span></label
      >`,
    )}
  </div>`;
}

/** Tick or untick: one that excludes the others takes their place, and gives it back. */
export function ticked(spec, held, code, on) {
  if (!on) return held.filter((other) => other !== code);
  const excludes = (one) => spec.choices.find((choice) => choice.code === one)?.exclusive;
  if (excludes(code)) return [code];
  return [...held.filter((other) => !excludes(other)), code];
}

function boxes(form, spec) {
  const held = form.raw(spec.key) ?? [];
  return html`<div class="choices-lines">
    ${offered(form, spec).map(
      (choice, place) => html`<label class="form-check"
        ><input
          class="form-check-input"
          type="checkbox"
          id=${place ? nothing : idOf(spec.key)}
          ?disabled=${form.fixed(spec)}
          .checked=${live(held.includes(choice.code))}
          @change=${(event) => form.settle(spec.key, ticked(spec, held, choice.code, event.target.checked))}
        /><span class="form-check-label">${form.show.text(choice.label) || choice.code}</span></label
      >`,
    )}
  </div>`;
}

/** A slider that nobody touched is not in the middle: it has no answer, and says so. */
function slider(form, spec) {
  const raw = form.raw(spec.key);
  const empty = raw === null || raw === undefined || raw === "";
  const [low, high] = [spec.min?.[1] ?? "0", spec.max?.[1] ?? "100"];
  const take = (event) => form.edit(spec.key, event.target.value);
  const ends = (spec.ends ?? []).map((end) => form.show.text(end));
  return html`<div class="slider${empty ? " is-empty" : ""}">
    <input
      type="range"
      id=${idOf(spec.key)}
      min=${low}
      max=${high}
      aria-describedby=${describedBy(form, spec)}
      aria-valuetext=${empty ? gettext("not answered") : raw}
      ?disabled=${form.fixed(spec)}
      .value=${live(empty ? String((Number(low) + Number(high)) / 2) : String(raw))}
      @input=${take}
      @pointerup=${(event) => !event.target.disabled && take(event)}
      @keydown=${(event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), take(event))}
      @change=${() => form.leave(spec.key)}
    />
    <output for=${idOf(spec.key)}>${empty ? gettext("not answered") : form.show.number(String(raw))}</output>
    ${ends.some(Boolean) ? html`<span class="slider-ends" aria-hidden="true">${ends.map((end) => html`<span>${end}</span>`)}</span>` : nothing}
  </div>`;
}

function calculation(form, spec) {
  const text = form.show.value(spec, form.state.values[spec.key]);
  return html`<output class="calculation${spec.type === "text" ? "" : " is-number"}" id=${idOf(spec.key)} aria-describedby=${describedBy(form, spec)}>${text || gettext("not computed yet")}</output>`;
}

const WIDGETS = {
  text: (form, spec) => (spec.look === "lines" ? lines(form, spec) : input(form, spec, { mode: spec.format === "email" ? "email" : "text" })),
  integer: (form, spec) => (spec.look === "slider" ? slider(form, spec) : unit(spec, input(form, spec, { mode: "numeric", css: "is-number" }))),
  decimal: (form, spec) => unit(spec, input(form, spec, { mode: "decimal", css: "is-number" })),
  date: moment,
  datetime: moment,
  time: moment,
  choice: (form, spec) => (spec.look === "list" ? list(form, spec) : radios(form, spec, spec.look === "yesno" ? "choices-row" : "choices-lines")),
  choices: boxes,
  file: (form, spec) => html`<output class="calculation" id=${idOf(spec.key)}>${form.state.values[spec.key] || gettext("no file")}</output>`,
};

/** Whether the label names a group of controls and not one. */
const isGroup = (spec) => (spec.type === "choice" && spec.look !== "list") || spec.type === "choices";

export function notes(form, spec) {
  const found = form.findings(spec.key);
  return html`<div id="${idOf(spec.key)}-notes" class="notes">
    ${found.map(
      (finding) => html`<p class=${finding.severity === "warning" ? "field-warning" : "field-error"}>
        ${sign(finding.severity)}<span>${form.say(finding)}</span>
      </p>`,
    )}
  </div>`;
}

export function field(form, spec) {
  const label = form.show.text(spec.label) || spec.key;
  if (spec.type === "output") return html`<p class="form-note">${label}</p>`;
  const optional = form.mark(spec);
  const widget = spec.calc ? calculation(form, spec) : WIDGETS[spec.type](form, spec);
  const help = spec.help ? html`<div class="field-help" id="${idOf(spec.key)}-help">${form.show.text(spec.help)}</div>` : nothing;
  const answered = spec.type === "choice" && spec.look !== "list" ? form.raw(spec.key) : spec.look === "slider" ? form.raw(spec.key) : null;
  const clear =
    answered && !form.fixed(spec)
      ? html`<button class="btn-link clear" type="button" @click=${() => form.settle(spec.key, null)}>${gettext("Clear")}<span class="visually-hidden"> ${label}</span></button>`
      : nothing;
  if (isGroup(spec) && !spec.calc) {
    return html`<fieldset class="field" data-key=${spec.key} aria-describedby=${describedBy(form, spec)}>
      <legend class="form-label"><span class="label-text">${label}</span>${optional}</legend>
      ${signs(form, spec)}
      ${widget}${clear}${help}${notes(form, spec)}
    </fieldset>`;
  }
  return html`<div class="field" data-key=${spec.key}>
    <label class="form-label" for=${idOf(spec.key)}><span class="label-text">${label}</span>${optional}</label>
    ${signs(form, spec)}
    ${widget}${clear}${help}${notes(form, spec)}
  </div>`;
}
