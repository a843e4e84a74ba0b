// Numbers: typed, or shown by a mark on a line. A slider that nobody touched has no answer, and says so.
import { html, nothing, svg } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../../core/web/static_src/web/icon.js";
import { around, describedBy, held, hiddenLabel, idOf, input } from "./base.js";

export const SLIDERS = new Set(["slider", "vas"]);

const literal = (node, fallback) => Number(Array.isArray(node) && node[0] === "number" ? node[1] : fallback);

function ticks(form, spec, low, high) {
  if (!spec.ticks?.length || high <= low) return nothing;
  const place = (at) => `${(100 * (Number(at) - low)) / (high - low)}%`;
  const known = spec.ticks.filter(({ at }) => Number(at) >= low && Number(at) <= high);
  const anchor = (at, word) => (word.length < 4 ? "middle" : Number(at) === low ? "start" : Number(at) === high ? "end" : "middle");
  const wordAt = ({ at, label }) => form.show.text(label) || form.show.number(String(at));
  return html`<svg class="slider-ticks" aria-hidden="true">${known.map((tick) => svg`<line x1=${place(tick.at)} x2=${place(tick.at)} y1="0" y2="7"></line><text x=${place(tick.at)} y="22" text-anchor=${anchor(tick.at, wordAt(tick))}>${wordAt(tick)}</text>`)}</svg>`;
}

function slider(form, spec) {
  const raw = held(form, spec);
  const empty = raw === null;
  const vas = spec.look === "vas";
  const [low, high] = [literal(spec.min, 0), literal(spec.max, vas ? 100 : 100)];
  const take = (event) => form.edit(spec.key, event.target.value);
  const ends = (spec.ends ?? []).map((end) => form.show.text(end));
  const step = spec.type === "integer" ? "1" : String(10 ** -(spec.decimals ?? 1));
  const type = (on) => {
    form.typed_slider = on ? spec.key : "";
    form.draw();
    document.getElementById(idOf(spec.key))?.focus();
  };
  if (form.typed_slider === spec.key && !form.fixed(spec)) {
    return html`<span class="with-unit">${around(form, spec, input(form, spec, { mode: "decimal", css: "is-number" }))}<button class="btn btn-sm" type="button" @click=${() => type(false)}>${icon("adjustments-horizontal")}${gettext("Use the slider")}${hiddenLabel(form, spec)}</button></span>`;
  }
  const shown = empty ? gettext("not answered") : vas ? gettext("answered") : form.show.number(String(raw));
  return html`<div class="slider${empty ? " is-empty" : ""}${vas ? " is-vas" : ""}">
    <input
      type="range"
      id=${idOf(spec.key)}
      min=${low}
      max=${high}
      step=${step}
      aria-describedby=${describedBy(form, spec)}
      aria-valuetext=${empty ? gettext("not answered") : raw}
      ?disabled=${form.fixed(spec)}
      .value=${live(empty ? String((low + high) / 2) : String(raw))}
      @input=${take}
      @pointerup=${(event) => !event.target.disabled && take(event)}
      @dblclick=${() => type(true)}
      @keydown=${(event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), take(event))}
      @change=${() => form.leave(spec.key)}
    />
    <span class="slider-side"><output for=${idOf(spec.key)} @dblclick=${() => type(true)}>${shown}</output>${form.fixed(spec) || vas ? nothing : html`<button class="btn-link" type="button" title=${gettext("Type the number")} @click=${() => type(true)}>${icon("keyboard")}<span class="visually-hidden">${gettext("Type the number")} ${form.show.text(spec.label)}</span></button>`}</span>
    ${ticks(form, spec, low, high)}
    ${ends.some(Boolean) ? html`<span class="slider-ends" aria-hidden="true">${ends.map((end) => html`<span>${end}</span>`)}</span>` : nothing}
  </div>`;
}

export const number = (mode) => (form, spec) =>
  around(form, spec, SLIDERS.has(spec.look) ? slider(form, spec) : input(form, spec, { mode, css: "is-number" }));
