// One field of a form: label above, widget, unit, help and findings under it. Texts are always text, never markup.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { noteMark, notePanel } from "./notes.js";
import { signs } from "./review.js";
import { describedBy, hiddenLabel, idOf, isSoft } from "./widgets/base.js";
import { one, several } from "./widgets/choices.js";
import { file } from "./widgets/files.js";
import { moment, partial } from "./widgets/moments.js";
import { number, SLIDERS } from "./widgets/numbers.js";
import { text } from "./widgets/texts.js";

export { idOf } from "./widgets/base.js";
export { offered, ticked } from "./widgets/choices.js";

const sign = (severity) => (isSoft(severity) ? icon("alert-triangle") : icon("alert-circle"));

function calculation(form, spec) {
  const said = form.show.value(spec, form.shown(spec));
  return html`<output class="calculation${spec.type === "text" ? "" : " is-number"}" id=${idOf(spec.key)} aria-describedby=${describedBy(form, spec)}>${said || gettext("not computed yet")}</output>`;
}

const WIDGETS = {
  text,
  integer: number("numeric"),
  decimal: number("decimal"),
  date: moment,
  partial_date: partial,
  datetime: moment,
  time: moment,
  choice: one,
  choices: several,
  file,
};

const SINGLE = new Set(["list", "search"]);
const DRAWN = new Set(["drawing", "signature", "annotation"]);

/** Whether the label names a group of controls and not one. */
const isGroup = (spec) => ((spec.type === "choice" || spec.type === "choices") && !SINGLE.has(spec.look)) || (spec.type === "file" && DRAWN.has(spec.look));

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

/** A text of the form, with its image where it has one. */
function output(form, spec, label) {
  const image = spec.image && form.compiled.data.files?.[spec.image];
  return html`${image ? html`<img class="form-image" src="data:${image.type};base64,${image.data}" alt=${label} />` : nothing}${label ? html`<p class="form-note">${label}</p>` : nothing}`;
}

export function field(form, spec) {
  const label = form.show.text(spec.label) || (spec.type === "output" ? "" : spec.key);
  if (spec.type === "output") return output(form, spec, label);
  const optional = form.mark(spec);
  const widget = spec.calc ? (spec.drawn ?? calculation(form, spec)) : WIDGETS[spec.type](form, spec);
  const help = spec.help ? html`<div class="field-help" id="${idOf(spec.key)}-help">${form.show.text(spec.help)}</div>` : nothing;
  const answered = (spec.type === "choice" && !SINGLE.has(spec.look)) || SLIDERS.has(spec.look) ? form.raw(spec.key) : null;
  const clear =
    answered && spec.untoggle !== false && !form.fixed(spec)
      ? html`<button class="btn-link clear" type="button" @click=${() => form.settle(spec.key, null)}>${gettext("Clear")}${hiddenLabel(form, spec)}</button>`
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
