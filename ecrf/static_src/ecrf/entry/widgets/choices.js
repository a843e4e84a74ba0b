// One choice or several: as a list, radio buttons, boxes, buttons that a digit presses, or a scale in one line.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { isRetired } from "../../engine/evaluate.js";
import * as moments from "../../engine/moments.js";
import { describedBy, held, idOf } from "./base.js";
import { search } from "./search.js";

const retiring = new WeakMap();

/** Whether some choice of a list is retired; looked up once for a list, for some are long. */
function retires(choices) {
  if (!retiring.has(choices)) retiring.set(choices, choices.some((choice) => choice.retired));
  return retiring.get(choices);
}

/** The choices on offer: a retired one only where it is the answer. */
export const offered = (form, spec) => {
  if (!form.state.offered[spec.key] && !retires(spec.choices)) return spec.choices;
  const answer = [form.raw(spec.key) ?? []].flat();
  const today = { day: moments.parseDatetime(form.now()).day };
  const on = form.state.offered[spec.key];
  const known = on && new Set(on);
  const isOn = (choice) => !isRetired(choice, today) && (!known || known.has(choice.code));
  return spec.choices.filter((choice) => answer.includes(choice.code) || isOn(choice));
};

export const wordOf = (form, choice) => form.show.text(choice.label) || choice.code;

function list(form, spec) {
  const answer = held(form, spec) ?? "";
  return html`<select
    class="form-select"
    id=${idOf(spec.key)}
    aria-describedby=${describedBy(form, spec)}
    aria-required=${form.isRequired(spec) ? "true" : nothing}
    ?disabled=${form.fixed(spec)}
    .value=${live(answer)}
    @change=${(event) => form.settle(spec.key, event.target.value || null)}
  >
    ${spec.untoggle === false && answer ? nothing : html`<option value="" ?selected=${answer === ""}>${gettext("Not answered")}</option>`}
    ${offered(form, spec).map((choice) => html`<option value=${choice.code} ?selected=${choice.code === answer}>${wordOf(form, choice)}</option>`)}
  </select>`;
}

/** On buttons the digits 1 to 9 choose; the one that is chosen is taken back by its digit, where that may be. */
const byDigit = (form, spec, offer, take) => (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  const choice = offer[Number(event.key) - 1];
  if (!choice || form.fixed(spec)) return;
  event.preventDefault();
  take(choice);
  event.currentTarget.querySelectorAll("input")[Number(event.key) - 1]?.focus();
};

const SCALES = new Set(["buttons", "yesno", "likert"]);
const STYLES = { yesno: "choices-row", buttons: "choices-buttons", likert: "choices-likert" };
const columns = (spec) => (spec.columns > 1 ? ` choices-columns choices-columns-${Math.min(spec.columns, 6)}` : "");

function radios(form, spec) {
  const answer = held(form, spec);
  const offer = offered(form, spec);
  const digits = SCALES.has(spec.look);
  const untoggle = spec.untoggle !== false;
  const take = (choice) => form.settle(spec.key, untoggle && choice.code === answer ? null : choice.code);
  return html`<div class="${STYLES[spec.look] ?? "choices-lines"}${columns(spec)}" @keydown=${digits ? byDigit(form, spec, offer, take) : nothing}>
    ${offer.map(
      (choice, place) => html`<label class="form-check"
        ><input
          class="form-check-input"
          type="radio"
          id=${place ? nothing : idOf(spec.key)}
          name=${idOf(spec.key)}
          value=${choice.code}
          aria-keyshortcuts=${digits && place < 9 ? String(place + 1) : nothing}
          ?disabled=${form.fixed(spec)}
          .checked=${live(choice.code === answer)}
          @change=${() => form.settle(spec.key, choice.code)}
          @click=${() => digits && untoggle && choice.code === answer && form.settle(spec.key, null)}
        /><span class="form-check-label">${wordOf(form, choice)}</span></label
      >`,
    )}
  </div>`;
}

/** Tick or untick: one that excludes the others takes their place, and gives it back. */
export function ticked(spec, answer, code, on) {
  if (!on) return answer.filter((other) => other !== code);
  const excludes = (one) => spec.choices.find((choice) => choice.code === one)?.exclusive;
  if (excludes(code)) return [code];
  return [...answer.filter((other) => !excludes(other)), code];
}

export function several(form, spec) {
  if (spec.look === "search" || spec.look === "list") return search(form, spec);
  const answer = form.raw(spec.key) ?? [];
  const offer = offered(form, spec);
  const digits = spec.look === "buttons";
  const flip = (choice) => form.settle(spec.key, ticked(spec, answer, choice.code, !answer.includes(choice.code)));
  return html`<div class="${digits ? "choices-buttons" : "choices-lines"}${columns(spec)}" @keydown=${digits ? byDigit(form, spec, offer, flip) : nothing}>
    ${offer.map(
      (choice, place) => html`<label class="form-check"
        ><input
          class="form-check-input"
          type="checkbox"
          id=${place ? nothing : idOf(spec.key)}
          aria-keyshortcuts=${digits && place < 9 ? String(place + 1) : nothing}
          ?disabled=${form.fixed(spec)}
          .checked=${live(answer.includes(choice.code))}
          @change=${(event) => form.settle(spec.key, ticked(spec, answer, choice.code, event.target.checked))}
        /><span class="form-check-label">${wordOf(form, choice)}</span></label
      >`,
    )}
  </div>`;
}

export function one(form, spec) {
  if (spec.look === "list") return list(form, spec);
  return spec.look === "search" ? search(form, spec) : radios(form, spec);
}
