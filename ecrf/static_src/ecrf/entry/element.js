// <ecrf-entry>: fill in a form. The definition and its expressions are evaluated here at each keystroke, and again by the
// server at each save, whose word counts. What is typed is kept in this tab until it is saved.
import { html, nothing, render } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { clock } from "./display.js";
import { idOf } from "./fields.js";
import { panel } from "./merge.js";
import { placed } from "./rows.js";
import { consentSheet } from "./consent.js";
import { ScriptedFilling } from "./script/filling.js";
import { sections } from "./sections.js";
import { signing } from "./signing.js";
import * as review from "./review.js";

export class Entry extends ScriptedFilling {
  drawAll(all) {
    this.printing = all;
    this.draw();
  }

  draw() {
    const pages = this.pages();
    const shown = this.printing ? pages : pages.filter((page) => page.key === this.page);
    render(
      html`<div class="entry">
        ${pages.length > 1 ? this.steps(pages) : nothing}
        <form class="entry-form" novalidate @submit=${(event) => event.preventDefault()} @keydown=${(event) => this.onKey(event)}>
          ${this.merging ? this.mergePanel() : nothing}
          ${this.summary()}
          ${shown.map((page) => this.drawPage(page))}
          ${this.data.editable ? this.bar(pages) : nothing}
        </form>
        ${review.panel(this)}
      </div>`,
      this,
    );
  }

  steps(pages) {
    return html`<nav class="steps-nav" aria-label=${gettext("Pages of the form")}>
      <ol>
        ${pages.map((page) => {
          const counts = this.state.pages[page.key];
          const done = this.data.complete.includes(page.key) && !counts.missing && !counts.errors;
          const doubt = counts.errors || counts.warnings;
          const word = doubt ? gettext("To check") : done ? gettext("Complete") : counts.answered ? gettext("Begun") : gettext("Not begun");
          const sign = doubt ? icon("alert-triangle") : done ? icon("circle-check") : counts.answered ? icon("progress") : icon("circle-dashed");
          const look = doubt ? "warning" : done ? "done" : counts.answered ? "running" : "waiting";
          return html`<li>
            <a href="?page=${page.key}" aria-current=${page.key === this.page ? "step" : nothing} @click=${(event) => {
              event.preventDefault();
              this.go(page.key);
            }}
              ><span class="state state-${look} state-mark">${sign}</span><span class="steps-name">${this.show.text(page.title)}</span><span class="visually-hidden">, ${word}</span><span class="cell-count">${counts.answered}/${counts.shown}</span></a
            >
          </li>`;
        })}
      </ol>
    </nav>`;
  }

  /** Mark the fewer: what is optional where most is required, else what is required. */
  mark(spec) {
    if (spec.calc || spec.type === "output") return nothing;
    const { page } = this.item(spec.key);
    const required = this.isRequired(spec);
    if (this.mostRequired(page)) return required ? nothing : html` <span class="optional">(${gettext("optional")})</span>`;
    return required ? html` <span class="required-mark">${gettext("required")}</span>` : nothing;
  }

  mostRequired(page) {
    const asked = [...this.compiled.items.values()].filter((item) => item.page === page && item.spec.type !== "output" && !item.spec.calc);
    return asked.filter((item) => item.spec.required).length * 2 > asked.length;
  }

  /** Every fault with a link to its field, after an attempt to save. */
  summary() {
    if (!this.attempted) return nothing;
    const faults = [
      ...this.state.findings
        .filter((finding) => ["error", "missing"].includes(finding.severity) && this.findings(placed(finding)).includes(finding))
        .map((finding) => ({ ...finding, at: placed(finding) })),
      ...this.answered.map((fault) => ({ ...fault, at: fault.place })),
    ];
    if (!faults.length) return nothing;
    const seen = new Set();
    const unique = faults.filter((fault) => {
      const name = `${fault.at} ${fault.code}`;
      return !seen.has(name) && seen.add(name);
    });
    const count = interpolate(ngettext("One thing is to be corrected", "%s things are to be corrected", unique.length), [unique.length]);
    return html`<div class="faults" role="alert" tabindex="-1" data-faults>
      ${icon("alert-circle")}
      <div>
        <p class="faults-title">${count}</p>
        <ul>
          ${unique.map((fault) => {
            const label = this.labelOf(fault.at);
            return html`<li><a href="#${idOf(fault.at)}" @click=${(event) => this.jump(event, fault.at)}>${label}</a>${gettext(": ")}${this.say(fault)}</li>`;
          })}
        </ul>
      </div>
    </div>`;
  }

  /** What a place is called: the label of its question, the title of its rows. */
  labelOf(place) {
    const page = this.compiled.data.pages.find((one) => one.key === place);
    const texts = this.item(place)?.spec.label ?? this.compiled.groups.get(place)?.group.title ?? page?.title;
    return this.show.text(texts) || place;
  }

  jump(event, key) {
    event.preventDefault();
    const page = this.item(key)?.page ?? this.compiled.groups.get(key)?.page;
    if (page && page !== this.page) this.go(page);
    const target = document.getElementById(idOf(key));
    target?.focus();
    target?.scrollIntoView({ block: "center" });
  }

  drawPage(page) {
    return html`<section class="entry-page" aria-labelledby="page-${page.key}">
      <h2 id="page-${page.key}" tabindex="-1" data-page-title>${this.show.text(page.title)}</h2>
      ${review.pageTools(this, page)}
      ${this.data.editable && this.mostRequired(page.key) ? html`<p class="text-soft">${gettext("Everything is required, unless it says optional.")}</p>` : nothing}
      ${page.help ? html`<p class="form-note">${this.show.text(page.help)}</p>` : nothing}
      ${consentSheet(page, this.data.definition, this.data.language)} ${sections(this, page)} ${signing(this, page)}
    </section>`;
  }

  bar(pages) {
    const last = pages.at(-1)?.key === this.page;
    const done = this.data.complete.includes(this.page) && !this.dirty;
    return html`<div class="entry-bar">
      <span class="save-state" role="status" data-save-state>${this.saveState()}</span>
      <button class="btn" type="button" aria-keyshortcuts="Control+S" ?disabled=${this.busy || !this.dirty} @click=${() => this.save()}>${gettext("Save")}</button>
      <button class="btn btn-primary" type="button" ?disabled=${this.busy} @click=${() => (done && !last ? this.go(this.after(pages)) : this.save(this.page))}>
        ${done && !last ? gettext("Next page") : last ? gettext("Save and complete the page") : gettext("Save, complete and go on")}
      </button>
    </div>`;
  }

  after(pages) {
    return pages[pages.findIndex((page) => page.key === this.page) + 1]?.key;
  }

  saveState() {
    if (this.busy) return gettext("Saving…");
    if (this.dirty) {
      return interpolate(ngettext("One change not saved, kept in this tab", "%s changes not saved, kept in this tab", this.edits.size + this.noted.size), [this.edits.size + this.noted.size]);
    }
    if (!this.data.saved) return gettext("Nothing saved yet");
    return interpolate(gettext("Saved by %(who)s, %(time)s"), { who: this.data.saved.by, time: clock(this.data.saved.at, this.data.language) }, true);
  }

  mergePanel() {
    const { now, found, choices } = this.merging;
    const choose = (key, side) => {
      choices.set(key, side);
      this.draw();
    };
    return panel({
      found, choices, choose,
      edits: this.edits, now: now.values, items: this.compiled.items, show: this.show, language: this.data.language,
      merge: () => this.takeOver(),
    });
  }

  /** Enter goes to the next field, as on paper; it never sends the form half filled. */
  onKey(event) {
    if (event.key !== "Enter" || !event.target.matches("input, select") || event.defaultPrevented) return;
    event.preventDefault();
    const stops = [...this.querySelectorAll(".entry-page :is(input, select, textarea):not(:disabled), .entry-bar button:not(:disabled)")];
    const group = event.target.name;
    const place = stops.indexOf(event.target);
    stops.slice(place + 1).find((stop) => event.target.type !== "radio" || stop.name !== group)?.focus();
  }
}

customElements.define("ecrf-entry", Entry);
