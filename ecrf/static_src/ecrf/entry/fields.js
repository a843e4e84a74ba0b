// One field of a form: label above, widget, unit, help and findings under it. Texts are always text, never markup.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { isRetired } from "../engine/evaluate.js";
import * as moments from "../engine/moments.js";
import { noteMark, notePanel } from "./notes.js";
import { signs } from "./review.js";
import * as typing from "./typing.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";

const sign = (severity) => (isSoft(severity) ? icon("alert-triangle") : icon("alert-circle"));

const isSoft = (severity) => severity === "warning" || severity === "query";

export const idOf = (key) => `item-${key}`;

/** What stands in an input: what is being typed, else the value as the language writes it. */
const typed = (form, spec) => {
  if (form.typing?.key === spec.key) return form.typing.text;
  const raw = form.raw(spec.key);
  if (raw === null || raw === undefined) return "";
  if (MOMENTS.has(spec.type)) return typing.write(spec.type, String(raw), form.data.language);
  return spec.type === "decimal" || spec.type === "integer" ? form.show.number(String(raw)) : String(raw);
};

const MOMENTS = new Set(["date", "partial_date", "datetime", "time"]);

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
    aria-required=${form.isRequired(spec) ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(typed(form, spec))}
    @input=${(event) => form.type(spec, event.target.value)}
    @change=${() => form.leave(spec.key)}
  />`;
}

const isWrong = (form, spec) => form.findings(spec.key).some((finding) => !isSoft(finding.severity));

/** A date or a time, with a button for now: most are entered on the spot. */
function moment(form, spec) {
  const value = form.raw(spec.key);
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

/** What stands before and after a value: a prefix, a unit, a suffix. */
const around = (form, spec, inside) => {
  const [before, after] = [form.show.text(spec.prefix), spec.unit || form.show.text(spec.suffix)];
  if (!before && !after) return inside;
  return html`<span class="with-unit">${before ? html`<span class="unit">${before}</span>` : nothing}${inside}${after ? html`<span class="unit">${after}</span>` : nothing}</span>`;
};

function lines(form, spec) {
  const wrong = isWrong(form, spec);
  return html`<textarea
    class="form-control${wrong ? " is-invalid" : ""}"
    id=${idOf(spec.key)}
    rows=${spec.rows ?? 3}
    aria-describedby=${describedBy(form, spec)}
    aria-invalid=${wrong ? "true" : nothing}
    aria-required=${form.isRequired(spec) ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(typed(form, spec))}
    @input=${(event) => form.type(spec, event.target.value)}
    @change=${() => form.leave(spec.key)}
  ></textarea>`;
}

/** The choices on offer: a retired one only where it is the answer. */
export const offered = (form, spec) => {
  const held = [form.raw(spec.key) ?? []].flat();
  const today = { day: moments.parseDatetime(form.now()).day };
  const on = form.state.offered[spec.key];
  const isOn = (choice) => !isRetired(choice, today) && (!on || on.includes(choice.code));
  return spec.choices.filter((choice) => held.includes(choice.code) || isOn(choice));
};

function list(form, spec) {
  const held = form.raw(spec.key) ?? "";
  return html`<select
    class="form-select"
    id=${idOf(spec.key)}
    aria-describedby=${describedBy(form, spec)}
    aria-required=${form.isRequired(spec) ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(held)}
    @change=${(event) => form.settle(spec.key, event.target.value || null)}
  >
    <option value="" ?selected=${held === ""}>${gettext("Not answered")}</option>
    ${offered(form, spec).map((choice) => html`<option value=${choice.code} ?selected=${choice.code === held}>${form.show.text(choice.label) || choice.code}</option>`)}
  </select>`;
}

/** A long list: what is typed narrows it; only a choice of it counts. */
function search(form, spec) {
  const held = form.raw(spec.key) ?? "";
  const offer = offered(form, spec);
  const label = (choice) => form.show.text(choice.label) || choice.code;
  const shown = offer.find((choice) => choice.code === held);
  const text = form.typing?.key === spec.key ? form.typing.text : shown ? label(shown) : held;
  const words = text.toLowerCase();
  const near = offer.filter((choice) => label(choice).toLowerCase().includes(words)).slice(0, 50);
  const take = (typed) => {
    const found = offer.find((choice) => label(choice) === typed || choice.code === typed);
    if (found || !typed) form.settle(spec.key, found?.code ?? null);
    else form.settle(spec.key, typed);
  };
  return html`<input
      class="form-control"
      id=${idOf(spec.key)}
      type="text"
      list="${idOf(spec.key)}-choices"
      autocomplete="off"
      placeholder=${gettext("Type to search")}
      aria-describedby=${describedBy(form, spec)}
      aria-required=${form.isRequired(spec) ? "true" : nothing}
      ?disabled=${form.fixed(spec)}
      .value=${live(text)}
      @input=${(event) => {
        form.typing = { key: spec.key, text: event.target.value };
        form.draw();
      }}
      @change=${(event) => take(event.target.value.trim())}
    /><datalist id="${idOf(spec.key)}-choices">${near.map((choice) => html`<option value=${label(choice)}></option>`)}</datalist>`;
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
  const step = spec.type === "integer" ? "1" : String(10 ** -(spec.decimals ?? 1));
  return html`<div class="slider${empty ? " is-empty" : ""}${spec.look === "vas" ? " is-vas" : ""}">
    <input
      type="range"
      id=${idOf(spec.key)}
      min=${low}
      max=${high}
      step=${step}
      list=${spec.ticks ? `${idOf(spec.key)}-ticks` : nothing}
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
    ${spec.ticks ? html`<datalist id="${idOf(spec.key)}-ticks">${spec.ticks.map((tick) => html`<option value=${tick.at} label=${form.show.text(tick.label) || tick.at}></option>`)}</datalist>` : nothing}
    ${ends.some(Boolean) ? html`<span class="slider-ends" aria-hidden="true">${ends.map((end) => html`<span>${end}</span>`)}</span>` : nothing}
  </div>`;
}

function calculation(form, spec) {
  const text = form.show.value(spec, form.shown(spec));
  return html`<output class="calculation${spec.type === "text" ? "" : " is-number"}" id=${idOf(spec.key)} aria-describedby=${describedBy(form, spec)}>${text || gettext("not computed yet")}</output>`;
}

const TEXTS = { pin: { mode: "numeric", css: "is-secret is-short" }, secret: { mode: "text", css: "is-secret" } };
const SLIDERS = new Set(["slider", "vas"]);

const number = (form, spec, mode) =>
  SLIDERS.has(spec.look) ? around(form, spec, slider(form, spec)) : around(form, spec, input(form, spec, { mode, css: "is-number" }));

const CHOICES = { yesno: "choices-row", buttons: "choices-buttons" };

const one = (form, spec) => {
  if (spec.look === "list") return list(form, spec);
  return spec.look === "search" ? search(form, spec) : radios(form, spec, `${CHOICES[spec.look] ?? "choices-lines"}${spec.columns ? ` choices-columns-${spec.columns}` : ""}`);
};

const WIDGETS = {
  text: (form, spec) => (spec.look === "lines" ? lines(form, spec) : around(form, spec, input(form, spec, TEXTS[spec.look] ?? { mode: spec.format === "email" ? "email" : "text" }))),
  integer: (form, spec) => number(form, spec, "numeric"),
  decimal: (form, spec) => number(form, spec, "decimal"),
  date: moment,
  partial_date: (form, spec) => input(form, spec, { placeholder: typing.pattern("partial_date", form.data.language), css: "is-date" }),
  datetime: moment,
  time: moment,
  choice: one,
  choices: boxes,
  file: (form, spec) => html`<output class="calculation" id=${idOf(spec.key)}>${form.raw(spec.key) || gettext("no file")}</output>`,
};

const SINGLE = new Set(["list", "search"]);

/** Whether the label names a group of controls and not one. */
const isGroup = (spec) => (spec.type === "choice" && !SINGLE.has(spec.look)) || spec.type === "choices";

export function notes(form, spec) {
  const found = form.findings(spec.key);
  return html`<div id="${idOf(spec.key)}-notes" class="notes">
    ${found.map(
      (finding) => html`<p class=${isSoft(finding.severity) ? "field-warning" : "field-error"}>
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
  const answered = (spec.type === "choice" && !SINGLE.has(spec.look)) || SLIDERS.has(spec.look) ? form.raw(spec.key) : null;
  const clear =
    answered && !form.fixed(spec)
      ? html`<button class="btn-link clear" type="button" @click=${() => form.settle(spec.key, null)}>${gettext("Clear")}<span class="visually-hidden"> ${label}</span></button>`
      : nothing;
  if (isGroup(spec) && !spec.calc) {
    return html`<fieldset class="field" data-key=${spec.key} aria-describedby=${describedBy(form, spec)}>
      <legend class="form-label"><span class="label-text">${label}</span>${optional}</legend>
      ${widget}
      <div class="field-foot">${clear}${noteMark(form, spec)}${signs(form, spec)}</div>
      ${help}${notePanel(form, spec)}${notes(form, spec)}
    </fieldset>`;
  }
  return html`<div class="field" data-key=${spec.key}>
    <div class="field-head"><label class="form-label" for=${idOf(spec.key)}><span class="label-text">${label}</span>${optional}</label>${noteMark(form, spec)}${signs(form, spec)}</div>
    ${widget}${clear}${help}${notePanel(form, spec)}${notes(form, spec)}
  </div>`;
}
