// A long list: what is typed narrows it, without regard to accents and order of words; only a choice of it counts.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../../core/web/static_src/web/icon.js";
import { describedBy, hiddenLabel, idOf } from "./base.js";
import { offered, ticked, wordOf } from "./choices.js";

const MOST = 50;
const indexes = new WeakMap();

export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The words of the choices, made ready once for a list and a language. */
function index(form, spec) {
  const known = indexes.get(spec.choices);
  if (known?.language === form.data.language) return known.words;
  const words = new Map(spec.choices.map((choice) => [choice.code, plain(`${wordOf(form, choice)} ${choice.code}`)]));
  indexes.set(spec.choices, { language: form.data.language, words });
  return words;
}

/** The choices that hold every word that was typed; those that begin with it come first. */
export function near(form, spec, offer, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const known = index(form, spec);
  const [first, rest] = [[], []];
  for (const choice of offer) {
    const text = known.get(choice.code);
    if (!words.every((word) => text.includes(word))) continue;
    (text.startsWith(words[0] ?? "") ? first : rest).push(choice);
    if (first.length >= MOST) break;
  }
  return [...first, ...rest];
}

export function search(form, spec) {
  const many = spec.type === "choices";
  const answer = [form.raw(spec.key) ?? []].flat();
  const offer = offered(form, spec);
  const shown = offer.find((choice) => choice.code === answer[0]);
  const open = form.searching?.key === spec.key ? form.searching : null;
  const text = open ? open.text : many ? "" : shown ? wordOf(form, shown) : (answer[0] ?? "");
  const found = open ? near(form, spec, offer, open.text) : [];
  const options = found.slice(0, MOST);
  const at = open ? Math.min(open.at, options.length - 1) : -1;
  const look = (change) => {
    form.searching = change && { key: spec.key, text: "", at: 0, ...open, ...change };
    form.draw();
  };
  const take = (choice) => {
    form.searching = null;
    if (many) form.settle(spec.key, ticked(spec, answer, choice.code, !answer.includes(choice.code)));
    else form.settle(spec.key, choice.code);
  };
  const onKey = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!open) look({ text: "", at: 0 });
      else if (options.length) look({ at: (at + step + options.length) % options.length });
      document.getElementById(`${idOf(spec.key)}-option-${form.searching?.at}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && open && options[at]) {
      event.preventDefault();
      take(options[at]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      look(null);
    }
  };
  const leave = () => {
    if (!open) return;
    form.searching = null;
    if (!many && !open.text.trim()) form.settle(spec.key, null);
    else form.draw();
  };
  return html`<div class="search-choice">
    ${many
      ? html`<ul class="chosen">
          ${answer.map((code) => {
            const choice = spec.choices.find((each) => each.code === code);
            const word = choice ? wordOf(form, choice) : code;
            return html`<li>${word}${form.fixed(spec) ? nothing : html`<button class="btn-link" type="button" aria-label=${interpolate(gettext("Remove %s"), [word])} @click=${() => form.settle(spec.key, answer.filter((other) => other !== code))}>${icon("x")}</button>`}</li>`;
          })}
        </ul>`
      : nothing}
    <input
      class="form-control"
      id=${idOf(spec.key)}
      type="text"
      role="combobox"
      aria-expanded=${options.length ? "true" : "false"}
      aria-controls="${idOf(spec.key)}-options"
      aria-activedescendant=${options.length ? `${idOf(spec.key)}-option-${at}` : nothing}
      aria-autocomplete="list"
      autocomplete="off"
      placeholder=${interpolate(gettext("Type to search %s choices"), [offer.length])}
      aria-describedby=${describedBy(form, spec)}
      aria-required=${form.isRequired(spec) ? "true" : nothing}
      ?disabled=${form.fixed(spec)}
      .value=${live(text)}
      @input=${(event) => look({ text: event.target.value, at: 0 })}
      @keydown=${onKey}
      @blur=${leave}
    />
    <ul class="search-options" role="listbox" id="${idOf(spec.key)}-options" aria-label=${form.show.text(spec.label)} ?hidden=${!options.length}>
      ${options.map(
        (choice, place) => html`<li
          role="option"
          id="${idOf(spec.key)}-option-${place}"
          aria-selected=${place === at ? "true" : "false"}
          class=${place === at ? "is-active" : ""}
          @pointerdown=${(event) => event.preventDefault()}
          @click=${() => take(choice)}
        >${many && answer.includes(choice.code) ? icon("check") : nothing}${wordOf(form, choice)}</li>`,
      )}
    </ul>
    <span class="search-count" role="status">${open && open.text.trim() ? (found.length ? interpolate(ngettext("%s choice", "%s choices", found.length), [found.length > MOST ? `${MOST}+` : found.length]) : gettext("No choice has these words.")) : ""}</span>
    ${many ? hiddenLabel(form, spec) : nothing}
  </div>`;
}
