// Dates and times: typed as people write them, with a button for now; of a partial date, only what is known.
import { html, nothing } from "lit-html";
import * as typing from "../typing.js";
import { hiddenLabel, held, idOf, input, isWrong } from "./base.js";

/** A date or a time, with a button for now: most are entered on the spot. */
export function moment(form, spec) {
  const value = form.raw(spec.key);
  const echo = value && spec.type !== "time" && !isWrong(form, spec) ? form.weekday(value) : "";
  const now = spec.type === "date" ? gettext("Today") : gettext("Now");
  return html`<span class="with-unit"
    >${input(form, spec, { mode: spec.type === "date" ? "numeric" : nothing, placeholder: typing.pattern(spec.type, form.data.language, spec.seconds), css: "is-date" })}
    ${form.fixed(spec)
      ? nothing
      : html`<button class="btn btn-sm" type="button" @click=${() => form.settle(spec.key, form.present(spec))}>${now}${hiddenLabel(form, spec)}</button>`}
    <span class="echo">${echo}</span></span
  >`;
}

const PART = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/;
const pad = (number) => String(number).padStart(2, "0");
const daysOf = (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** A year, then its month and its day where they are known: each may stay unknown. */
export function partial(form, spec) {
  const [, year, month = "", day = ""] = PART.exec(String(held(form, spec) ?? "")) ?? [];
  const name = (number) => new Date(2000, number - 1, 1).toLocaleDateString(form.data.language, { month: "long" });
  const take = (m, d) => form.settle(spec.key, [year, m, m && d && Number(d) <= daysOf(Number(year), Number(m)) ? d : ""].filter(Boolean).join("-"));
  const choice = (label, chosen, options, change) => html`<select class="form-select is-part" aria-label=${`${label}, ${form.show.text(spec.label)}`} ?disabled=${form.fixed(spec)} @change=${(event) => change(event.target.value)}>
    <option value="" ?selected=${chosen === ""}>${label === gettext("Month") ? gettext("month unknown") : gettext("day unknown")}</option>
    ${options.map(([code, word]) => html`<option value=${code} ?selected=${code === chosen}>${word}</option>`)}
  </select>`;
  return html`<span class="with-unit"
    >${input(form, spec, { placeholder: typing.pattern("partial_date", form.data.language), css: "is-date" })}
    ${year
      ? choice(gettext("Month"), month, Array.from({ length: 12 }, (_, at) => [pad(at + 1), name(at + 1)]), (m) => take(m, day))
      : nothing}
    ${year && month
      ? choice(gettext("Day"), day, Array.from({ length: daysOf(Number(year), Number(month)) }, (_, at) => [pad(at + 1), String(at + 1)]), (d) => take(month, d))
      : nothing}</span
  ><span id="${idOf(spec.key)}-known" class="echo">${year && !month ? gettext("Only the year is known.") : year && !day ? gettext("The day is not known.") : ""}</span>`;
}
