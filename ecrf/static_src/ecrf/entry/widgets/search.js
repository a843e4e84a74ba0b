// A long list: what is typed narrows it, without regard to accents and order of words; only a choice of it counts.
import { html, nothing, render } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../../core/web/static_src/web/icon.js";
import { describedBy, idOf } from "./base.js";
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

/** Draws itself while somebody searches: the rest of a long form stays as it is. */
class Search extends HTMLElement {
  set asked({ form, spec }) {
    Object.assign(this, { form, spec });
    this.draw();
  }

  get many() {
    return this.spec.type === "choices";
  }

  get answer() {
    return [this.form.raw(this.spec.key) ?? []].flat();
  }

  look(change) {
    this.open = change && { text: "", at: 0, ...this.open, ...change };
    this.draw();
  }

  take(choice) {
    const { form, spec, answer } = this;
    this.open = null;
    if (this.many) form.settle(spec.key, ticked(spec, answer, choice.code, !answer.includes(choice.code)));
    else form.settle(spec.key, choice.code);
  }

  key(event, options, at) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!this.open) this.look({});
      else if (options.length) this.look({ at: (at + step + options.length) % options.length });
      this.querySelector(".is-active")?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && this.open && options[at]) {
      event.preventDefault();
      this.take(options[at]);
    } else if (event.key === "Escape" && this.open) {
      event.preventDefault();
      this.look(null);
    }
  }

  leave() {
    if (!this.open) return;
    const emptied = !this.many && !this.open.text.trim() && this.answer.length;
    this.open = null;
    if (emptied) this.form.settle(this.spec.key, null);
    else this.draw();
  }

  chosen() {
    const { form, spec, answer } = this;
    return html`<ul class="chosen">
      ${answer.map((code) => {
        const choice = spec.choices.find((each) => each.code === code);
        const word = choice ? wordOf(form, choice) : code;
        return html`<li>${word}${form.fixed(spec) ? nothing : html`<button class="btn-link" type="button" aria-label=${interpolate(gettext("Remove %s"), [word])} @click=${() => form.settle(spec.key, answer.filter((other) => other !== code))}>${icon("x")}</button>`}</li>`;
      })}
    </ul>`;
  }

  draw() {
    const { form, spec, answer, open, many } = this;
    const offer = offered(form, spec);
    const shown = many || open || !answer.length ? null : offer.find((choice) => choice.code === answer[0]);
    const text = open ? open.text : many ? "" : shown ? wordOf(form, shown) : (answer[0] ?? "");
    const found = open ? near(form, spec, offer, open.text) : [];
    const options = found.slice(0, MOST);
    const at = open ? Math.min(open.at, options.length - 1) : -1;
    const id = idOf(spec.key);
    const count = !open?.text.trim() ? "" : found.length ? interpolate(ngettext("%s choice", "%s choices", found.length), [found.length > MOST ? `${MOST}+` : found.length]) : gettext("No choice has these words.");
    render(
      html`${many ? this.chosen() : nothing}
        <input
          class="form-control"
          id=${id}
          type="text"
          role="combobox"
          aria-expanded=${options.length ? "true" : "false"}
          aria-controls="${id}-options"
          aria-activedescendant=${options.length ? `${id}-option-${at}` : nothing}
          aria-autocomplete="list"
          autocomplete="off"
          placeholder=${interpolate(gettext("Type to search %s choices"), [offer.length])}
          aria-describedby=${describedBy(form, spec)}
          aria-required=${form.isRequired(spec) ? "true" : nothing}
          ?disabled=${form.fixed(spec)}
          .value=${live(text)}
          @input=${(event) => this.look({ text: event.target.value, at: 0 })}
          @keydown=${(event) => this.key(event, options, at)}
          @blur=${() => this.leave()}
        />
        <ul class="search-options" role="listbox" id="${id}-options" aria-label=${form.show.text(spec.label)} ?hidden=${!options.length}>
          ${options.map(
            (choice, place) => html`<li
              role="option"
              id="${id}-option-${place}"
              aria-selected=${place === at ? "true" : "false"}
              class=${place === at ? "is-active" : ""}
              @pointerdown=${(event) => event.preventDefault()}
              @click=${() => this.take(choice)}
            >${many && answer.includes(choice.code) ? icon("check") : nothing}${wordOf(form, choice)}</li>`,
          )}
        </ul>
        <span class="search-count" role="status">${count}</span>`,
      this,
    );
  }
}

if (!customElements.get("ecrf-search")) customElements.define("ecrf-search", Search);

export const search = (form, spec) => html`<ecrf-search class="search-choice" .asked=${{ form, spec }}></ecrf-search>`;
