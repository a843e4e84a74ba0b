// <ecrf-preview>: the live form. It evaluates as at entry, is filled in for a try only, and never saves.
import { html, nothing, render } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { compile } from "../engine/definition.js";
import { evaluate } from "../engine/evaluate.js";
import { consentSheet } from "../entry/consent.js";
import { display } from "../entry/display.js";
import { field } from "../entry/fields.js";
import { Filling } from "../entry/filling.js";
import { matrix } from "../entry/matrix.js";
import { mapExpressions, reads } from "./data.js";
import { write } from "./formula.js";
import { samples } from "./samples.js";

const NEVER = ["boolean", false];

/**
 * A definition that can be evaluated however unfinished it is: what can't be is left out. Every page is shown as if it were
 * filled in once, at no event, and what is asked in rows as one row.
 */
function runnable(data) {
  const known = new Set(data.pages.flatMap((page) => page.groups.flatMap((group) => group.items.map((item) => item.key))));
  const fits = (node) => [...reads(node)].every((name) => known.has(name));
  const pages = data.pages.map((page) => ({
    ...page,
    repeats: undefined,
    groups: page.groups.map((group) => ({ ...group, repeat: undefined, items: group.items.filter((item) => item.key && item.type).map((item) => withChoices(item, data)) })),
  }));
  return mapExpressions({ ...data, events: undefined, pages }, (node) => (fits(node) ? node : NEVER));
}

const withChoices = (item, data) => (item.type === "choice" || item.type === "choices" ? { ...item, choices: item.choices ?? data.lists?.[item.list] ?? [] } : item);

class Preview extends Filling {
  connectedCallback() {}

  /** Show a definition; what was tried stays where its question does. */
  load(app) {
    this.app = app;
    const first = !this.data;
    if (first) {
      Object.assign(this, { edits: new Map(), noted: new Map(), opened_note: "", touched: new Set(), answered: [], asked: new Set(), typing: null, merging: null, busy: false, attempted: false });
      this.opened = performance.now();
    }
    if (this.source !== app.data || this.spoken !== app.language) {
      this.source = app.data;
      this.spoken = app.language;
      const definition = runnable(app.data);
      this.data = { definition, language: app.language, values: {}, notes: {}, complete: [], editable: true, revision: 0, version: 0, urls: {}, context: { now: app.now, subject: "TEST-001" } };
      this.compiled = compile(definition);
      this.show = display(definition, app.language);
      for (const key of this.edits.keys()) if (!this.compiled.items.has(key)) this.edits.delete(key);
      this.evaluate();
    }
    this.draw();
  }

  evaluate() {
    try {
      this.state = evaluate(this.compiled, Object.fromEntries(this.edits), { now: this.now(), subject: this.data.context.subject });
      this.broken = false;
    } catch {
      const bare = mapExpressions(this.data.definition, () => undefined);
      this.state = evaluate(compile(bare), {}, { now: this.now(), subject: "" });
      this.broken = true;
    }
  }

  edit(key, value) {
    if (value === "" || value === null || value.length === 0) this.edits.delete(key);
    else this.edits.set(key, value);
    this.evaluate();
    this.draw();
  }

  findings(key) {
    return this.state.findings.filter((finding) => finding.key === key && finding.severity !== "missing" && (this.touched.has(key) || this.edits.has(key)));
  }

  fixed(spec) {
    return Boolean(spec.readonly || spec.calc || spec.type === "file");
  }

  async save() {}

  mayNote() {
    return false;
  }

  mark(spec) {
    return spec.required ? html` <span class="required-mark">${gettext("required")}</span>` : nothing;
  }

  /** Fill in what is shown with values that fit, page by page, as conditions open. */
  fill() {
    for (let round = 0; round < 4; round += 1) {
      for (const [key, { spec }] of this.compiled.items) {
        if (!this.state.visible.has(key) || this.edits.has(key)) continue;
        const value = samples(spec, this.now());
        if (value !== null) this.edits.set(key, value);
      }
      this.evaluate();
    }
    this.draw();
  }

  clear() {
    this.edits.clear();
    this.touched.clear();
    this.evaluate();
    this.draw();
  }

  draw() {
    const { app } = this;
    const number = app.pageNumber();
    const page = this.data.definition.pages[number];
    render(
      html`<div class="live" @click=${(event) => this.pick(event)}>
        <div class="live-bar">
          <span class="badge">${icon("flask")}${gettext("Test: nothing here is saved")}</span>
          <button class="btn btn-sm" type="button" @click=${() => this.fill()}>${icon("wand")}${gettext("Fill in with samples")}</button>
          <button class="btn btn-sm" type="button" ?disabled=${!this.edits.size} @click=${() => this.clear()}>${gettext("Empty")}</button>
        </div>
        ${this.broken ? html`<p class="notice notice-warning">${icon("alert-triangle")}${gettext("A rule can’t be run yet: until it is mended, the form is shown without its rules.")}</p>` : nothing}
        ${page ? this.page_(page, number) : html`<p class="live-none">${gettext("The form has no page yet: add one.")}</p>`}
      </div>`,
      this,
    );
  }

  page_(page, number) {
    return html`<section class="entry entry-page live-page" aria-label=${this.show.text(page.title) || page.key}>
      <h2 data-part="pages.${number}">${this.show.text(page.title) || html`<span class="text-soft">${gettext("Page without a title")}</span>`}</h2>
      ${page.help ? html`<p class="text-soft">${this.show.text(page.help)}</p>` : nothing}
      ${consentSheet(page, this.data.definition, this.data.language)}
      ${page.groups.map((group, g) => this.group(page, group, `pages.${number}.groups.${g}`))}
      <button class="btn live-add" type="button" @click=${() => this.app.openInsert()}>${icon("plus")}${gettext("Add to this page")}</button>
    </section>`;
  }

  group(page, group, path) {
    const title = this.show.text(group.title);
    const inside = [];
    let shown = [];
    const flush = () => {
      if (shown.length) inside.push(matrix(this, { ...group, items: shown }, shown, title));
      shown = [];
    };
    const table = group.matrix && group.items.every((spec) => spec.type === group.items[0].type && spec.choices?.length);
    for (const [i, spec] of group.items.entries()) {
      const visible = this.state.visible.has(spec.key) && !spec.hidden;
      if (table && visible) shown.push(spec);
      else {
        flush();
        inside.push(visible ? this.item(spec, `${path}.items.${i}`) : this.ghost(page, group, spec, `${path}.items.${i}`));
      }
    }
    flush();
    const selected = this.app.isSelected(path) ? " is-selected" : "";
    return html`<div class="group${selected}" role="group" aria-label=${title || nothing} data-part=${path}>
      ${title ? html`<h3>${title}</h3>` : nothing}
      ${group.repeat ? html`<p class="live-repeat">${icon("repeat")}${gettext("Asked once per row")}</p>` : nothing}
      ${inside.length ? inside : html`<p class="live-none">${gettext("This section asks nothing yet.")}</p>`}
    </div>`;
  }

  item(spec, path) {
    let inside;
    try {
      inside = field(this, spec);
    } catch {
      inside = html`<p class="live-none">${this.show.text(spec.label) || spec.key}</p>`;
    }
    return html`<div class="live-item${this.app.isSelected(path) ? " is-selected" : ""}" data-part=${path}>${inside}</div>`;
  }

  ghost(page, group, spec, path) {
    const node = spec.visible_if ?? group.visible_if ?? page.visible_if;
    const why = spec.hidden ? gettext("never shown") : node ? interpolate(gettext("shown if %s"), [write(node)]) : gettext("not shown");
    return html`<button class="live-ghost${this.app.isSelected(path) ? " is-selected" : ""}" type="button" data-part=${path}>${icon("eye-off")}<span>${this.show.text(spec.label) || spec.key}</span> <span class="text-soft">${why}</span></button>`;
  }

  /** A click on a question selects it, and still does what it does. */
  pick(event) {
    const part = event.target.closest("[data-part], tr[data-key]");
    if (!part || event.target.closest(".live-add")) return;
    const path = part.dataset.part ?? this.app.placeOf(part.dataset.key);
    // drawing again in the middle of a click would take back what the click is about to tick
    if (path && !this.app.isSelected(path)) setTimeout(() => this.app.selectPlace(path));
  }
}

customElements.define("ecrf-preview", Preview);
