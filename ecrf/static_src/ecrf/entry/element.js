// <ecrf-entry>: fill in a form. The definition and its expressions are evaluated here at each keystroke, and again by the
// server at each save, whose word counts. What is typed is kept in this tab until it is saved.
import { html, nothing, render } from "lit-html";
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { compile, evaluate } from "../engine/evaluate.js";
import * as moments from "../engine/moments.js";
import { clock, display } from "./display.js";
import * as draft from "./draft.js";
import { field, idOf } from "./fields.js";
import { matrix } from "./matrix.js";
import { differences, panel } from "./merge.js";
import { message } from "./messages.js";
import * as server from "./server.js";
import * as typing from "./typing.js";

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null) || (a === "" && (b ?? null) === null);

class Entry extends HTMLElement {
  connectedCallback() {
    this.data = JSON.parse(document.getElementById(this.dataset.source).textContent);
    this.compiled = compile(this.data.definition);
    this.show = display(this.data.definition, this.data.language);
    this.opened = performance.now();
    this.edits = new Map();
    this.touched = new Set();
    this.answered = [];
    this.typing = null;
    this.attempted = false;
    this.asked = new Set();
    this.merging = null;
    this.busy = false;
    this.page = this.data.definition.pages.some((page) => page.key === this.data.page) ? this.data.page : "";
    this.restore();
    this.evaluate();
    this.page ||= this.pages()[0]?.key ?? "";
    for (const [key, page] of Object.entries(this.state.pages)) if (page.answered) this.rememberPage(key);
    this.replaceChildren();
    this.draw();
    this.showStep();
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
    addEventListener("popstate", () => this.go(new URLSearchParams(location.search).get("page"), false));
    addEventListener("beforeprint", () => this.drawAll(true));
    addEventListener("afterprint", () => this.drawAll(false));
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
        event.preventDefault();
        this.save();
      }
    });
  }

  /** Take back what was typed before a reload; what has been saved since is left to the merge. */
  restore() {
    const kept = this.data.editable ? draft.kept() : null;
    if (!kept) return;
    this.edits = kept.edits;
    this.touched = new Set(kept.edits.keys());
    if (kept.base !== this.data.revision) this.data.revision = kept.base;
    toast(gettext("What you had typed here is back. It is not saved yet."), "info");
  }

  get dirty() {
    return this.edits.size > 0;
  }

  /** The moment at the hospital: the server's clock when the page was made, and the time passed since. */
  now() {
    const start = moments.parseDatetime(this.data.context.now);
    const second = start.second + Math.floor((performance.now() - this.opened) / 1000);
    return moments.write({ day: start.day + Math.floor(second / 86400), second: second % 86400 });
  }

  evaluate() {
    const values = { ...this.data.values, ...Object.fromEntries(this.edits) };
    this.state = evaluate(this.compiled, values, { now: this.now(), subject: this.data.context.subject });
  }

  // What the fields ask of their form

  raw(key) {
    return this.edits.has(key) ? this.edits.get(key) : this.state.values[key] ?? this.data.values[key];
  }

  fixed(spec) {
    return !this.data.editable || this.busy || Boolean(spec.readonly || spec.calc || spec.type === "file");
  }

  /** What to show at a field: errors once it was left, what is missing once the page was to be completed. */
  findings(key) {
    const page = this.compiled.items.get(key).page;
    const own = this.state.findings.filter(
      (finding) =>
        finding.key === key && (finding.severity === "missing" ? this.asked.has(page) : this.touched.has(key) || !this.edits.has(key)),
    );
    const said = this.answered.filter((fault) => fault.place === key && !own.some((finding) => finding.code === fault.code));
    return [...own, ...said.map((fault) => ({ ...fault, severity: "error", key }))];
  }

  say(finding) {
    return finding.place ? finding.message : message(finding, this.show.text, this.show.spell);
  }

  /** A key was pressed in a field: what stands there is left alone until the field is left. */
  type(spec, text) {
    this.typing = { key: spec.key, text };
    this.edit(spec.key, typing.read(spec.type, text, this.data.language));
  }

  /** Whether saving this value would change nothing. Where only a default stands, an emptied field is a change. */
  isStored(key, value) {
    const held = Object.hasOwn(this.data.values, key) || !this.compiled.items.get(key)?.spec.default;
    return held && same(value, this.data.values[key]);
  }

  /** A value has changed. */
  edit(key, value) {
    if (this.isStored(key, value)) this.edits.delete(key);
    else this.edits.set(key, value === "" ? null : value);
    this.answered = this.answered.filter((fault) => fault.place !== key);
    draft.keep(this.data.revision, this.edits);
    this.evaluate();
    this.draw();
  }

  /** A field was left: from now on its errors are shown. */
  leave(key) {
    this.touched.add(key);
    this.typing = null;
    this.draw();
  }

  /** A choice was made: typed and left at once. */
  settle(key, value) {
    this.touched.add(key);
    this.typing = null;
    this.edit(key, value);
  }

  /** Now, as a value of this item. */
  present(spec) {
    const now = this.now().slice(0, spec.seconds ? 19 : 16);
    return { date: now.slice(0, 10), datetime: now, time: now.slice(11) }[spec.type];
  }

  /** The day in words, so that a day taken for a month is seen. */
  weekday(canonical) {
    const [y, m, d] = canonical.slice(0, 10).split("-").map(Number);
    const day = new Date(2000, m - 1, d);
    day.setFullYear(y);
    return day.toLocaleDateString(this.data.language, { weekday: "short", day: "numeric", month: "long", year: "numeric" });
  }

  /** Mark the fewer: what is optional where most is required, else what is required. */
  mark(spec) {
    if (spec.calc || spec.type === "output") return nothing;
    const { page } = this.compiled.items.get(spec.key);
    if (this.mostRequired(page)) return spec.required ? nothing : html` <span class="optional">(${gettext("optional")})</span>`;
    return spec.required ? html` <span class="required-mark">${gettext("required")}</span>` : nothing;
  }

  mostRequired(page) {
    const asked = [...this.compiled.items.values()].filter((item) => item.page === page && item.spec.type !== "output" && !item.spec.calc);
    return asked.filter((item) => item.spec.required).length * 2 > asked.length;
  }

  // Pages

  pages() {
    return this.data.definition.pages.filter((page) => this.shownGroups(page).length);
  }

  shownGroups(page) {
    return page.groups
      .map((group) => ({ group, specs: group.items.filter((spec) => this.state.visible.has(spec.key) && !spec.hidden) }))
      .filter(({ specs }) => specs.length);
  }

  rememberPage(key) {
    if (this.data.complete.includes(key)) this.asked.add(key);
  }

  go(key, push = true) {
    if (!this.pages().some((page) => page.key === key)) return;
    this.page = key;
    if (push) history.pushState({}, "", `?page=${key}`);
    this.draw();
    this.querySelector("[data-page-title]")?.focus();
    this.scrollIntoView({ block: "start" });
    this.showStep();
  }

  /** On a narrow screen the pages are a strip: bring the present one into sight. */
  showStep() {
    const list = this.querySelector(".steps-nav ol");
    const step = list?.querySelector("[aria-current]");
    if (step) list.scrollLeft = step.offsetLeft - list.offsetLeft - 16;
  }

  // Saving

  async save(complete = "") {
    if (this.busy || !this.data.editable || this.merging) return;
    this.attempted = true;
    for (const key of this.edits.keys()) this.touched.add(key);
    if (complete) this.asked.add(complete);
    this.evaluate();
    const lacks = this.lacks(complete);
    if (lacks.length) {
      this.draw();
      this.querySelector("[data-faults]")?.focus();
      return;
    }
    const sent = { base: this.data.revision, values: Object.fromEntries(this.edits), complete: complete ? { [complete]: true } : {} };
    this.busy = true;
    this.draw();
    const result = await server.save(this.data.urls.save, sent);
    this.busy = false;
    this.settled(result, complete);
  }

  /** What keeps from saving (errors in what was typed), and from completing a page (all that is wrong or missing there). */
  lacks(complete = "") {
    return this.state.findings.filter((finding) => {
      const page = this.compiled.items.get(finding.key)?.page;
      if (finding.severity === "error") return this.edits.has(finding.key) || page === complete || finding.code === "check_failed";
      return finding.severity === "missing" && page === complete;
    });
  }

  settled(result, complete) {
    if (result.ok) {
      const here = this.page;
      Object.assign(this.data, result.ok);
      this.opened = performance.now();
      this.edits.clear();
      this.attempted = false;
      this.answered = [];
      draft.forget();
      this.evaluate();
      this.draw();
      const pages = this.pages();
      const next = complete && pages[pages.findIndex((page) => page.key === here) + 1];
      if (next) this.go(next.key);
      return;
    }
    if (result.stale) {
      this.merge();
      return;
    }
    if (result.faults) {
      this.answered = result.faults.errors;
      this.draw();
      this.querySelector("[data-faults]")?.focus();
      return;
    }
    this.draw();
    toast(result.locked ?? result.failed, "error");
  }

  async merge() {
    this.busy = true;
    const { now, failed } = await server.state(this.data.urls.state, this.data.revision);
    this.busy = false;
    if (failed) {
      this.draw();
      toast(failed, "error");
      return;
    }
    const found = differences(this.data.values, this.edits, now.values, now.changes);
    this.merging = { now, found, choices: new Map() };
    this.draw();
    this.querySelector("[data-merge]").focus();
  }

  takeOver() {
    const { now, found, choices } = this.merging;
    for (const key of found.both) if (choices.get(key) === "theirs") this.edits.delete(key);
    Object.assign(this.data, now);
    for (const [key, value] of this.edits) if (this.isStored(key, value)) this.edits.delete(key);
    this.merging = null;
    draft.keep(this.data.revision, this.edits);
    this.evaluate();
    this.draw();
    toast(gettext("The changes of the others are taken over. Save yours now."), "info");
  }

  // Drawing

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

  /** Every fault with a link to its field, after an attempt to save. */
  summary() {
    if (!this.attempted) return nothing;
    const faults = [
      ...this.state.findings.filter((finding) => finding.severity !== "warning" && this.findings(finding.key).includes(finding)),
      ...this.answered.map((fault) => ({ ...fault, key: fault.place })),
    ];
    if (!faults.length) return nothing;
    const seen = new Set();
    const unique = faults.filter((fault) => {
      const name = `${fault.key} ${fault.code}`;
      return !seen.has(name) && seen.add(name);
    });
    const count = interpolate(ngettext("One thing is to be corrected", "%s things are to be corrected", unique.length), [unique.length]);
    return html`<div class="faults" role="alert" tabindex="-1" data-faults>
      ${icon("alert-circle")}
      <div>
        <p class="faults-title">${count}</p>
        <ul>
          ${unique.map((fault) => {
            const item = this.compiled.items.get(fault.key);
            const label = item ? this.show.text(item.spec.label) || fault.key : fault.key;
            return html`<li><a href="#${idOf(fault.key)}" @click=${(event) => this.jump(event, fault.key)}>${label}</a>${gettext(": ")}${this.say(fault)}</li>`;
          })}
        </ul>
      </div>
    </div>`;
  }

  jump(event, key) {
    event.preventDefault();
    const page = this.compiled.items.get(key)?.page;
    if (page && page !== this.page) this.go(page);
    const target = document.getElementById(idOf(key));
    target?.focus();
    target?.scrollIntoView({ block: "center" });
  }

  drawPage(page) {
    return html`<section class="entry-page" aria-labelledby="page-${page.key}">
      <h2 id="page-${page.key}" tabindex="-1" data-page-title>${this.show.text(page.title)}</h2>
      ${this.data.editable && this.mostRequired(page.key) ? html`<p class="text-soft">${gettext("Everything is required, unless it says optional.")}</p>` : nothing}
      ${this.shownGroups(page).map(({ group, specs }) => {
        const title = this.show.text(group.title);
        const inside =
          group.matrix && (specs[0].type === "choice" || specs[0].type === "choices")
            ? matrix(this, group, specs, title)
            : specs.map((spec) => field(this, spec));
        return title ? html`<div class="group" role="group" aria-label=${title}><h3>${title}</h3>${inside}</div>` : html`<div class="group">${inside}</div>`;
      })}
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
      return interpolate(ngettext("One change not saved, kept in this tab", "%s changes not saved, kept in this tab", this.edits.size), [this.edits.size]);
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
