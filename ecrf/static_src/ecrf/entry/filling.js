// A form being filled in: what is held, what it comes to, how it is saved and merged. How it looks is in element.js.
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { compile, mayAnnotate, pagesOf } from "../engine/definition.js";
import { evaluate } from "../engine/evaluate.js";
import * as decimal from "../engine/decimal.js";
import * as moments from "../engine/moments.js";
import { display } from "./display.js";
import * as draft from "./draft.js";
import { differences } from "./merge.js";
import { message } from "./messages.js";
import * as review from "./review.js";
import { at, placed, put, split } from "./rows.js";
import * as server from "./server.js";
import * as typing from "./typing.js";

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null) || (a === "" && (b ?? null) === null);

export class Filling extends HTMLElement {
  connectedCallback() {
    this.data = JSON.parse(document.getElementById(this.dataset.source).textContent);
    this.compiled = compile(this.data.definition);
    this.show = display(this.data.definition, this.data.language);
    this.opened = performance.now();
    this.edits = new Map();
    this.noted = new Map();
    this.opened_note = "";
    this.touched = new Set();
    this.answered = [];
    this.typing = null;
    this.attempted = false;
    this.asked = new Set();
    this.merging = null;
    this.busy = false;
    this.page = this.compiled.data.pages.some((page) => page.key === this.data.page) ? this.data.page : "";
    this.restore();
    this.evaluate();
    this.page ||= this.pages()[0]?.key ?? "";
    for (const [key, page] of Object.entries(this.state.pages)) if (page.answered) this.rememberPage(key);
    this.replaceChildren();
    review.attach(this);
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
    const asked = (key) => this.compiled.groups.has(key) || (this.compiled.items.has(key) && !this.isFixed(this.compiled.items.get(key).spec));
    const lost = [...kept.edits.keys()].filter((key) => !asked(key));
    this.edits = new Map([...kept.edits].filter(([key]) => asked(key)));
    this.noted = new Map([...kept.noted].filter(([place]) => this.item(place)));
    this.touched = new Set(this.edits.keys());
    if (kept.base !== this.data.revision) this.data.revision = kept.base;
    if (lost.length) {
      const text = gettext("The form has changed and no longer asks for: %s. What you had typed there is left out.");
      toast(interpolate(text, [lost.join(", ")]), "warning");
    }
    if (this.edits.size) toast(gettext("What you had typed here is back. It is not saved yet."), "info");
  }

  get dirty() {
    return this.edits.size + this.noted.size > 0;
  }

  /** The item of a place: of a key, or of one in a row. */
  item(place) {
    return this.compiled.items.get(split(place).key);
  }

  get notes() {
    const found = { ...this.data.notes };
    for (const [place, note] of this.noted) {
      if (note) found[place] = note;
      else delete found[place];
    }
    return found;
  }

  /** The moment at the hospital: the server's clock when the page was made, and the time passed since. */
  now() {
    const start = moments.parseDatetime(this.data.context.now);
    const second = start.second + Math.floor((performance.now() - this.opened) / 1000);
    return moments.write({ day: start.day + Math.floor(second / 86400), second: second % 86400 });
  }

  evaluate() {
    const values = { ...this.data.values, ...Object.fromEntries(this.edits) };
    this.state = evaluate(this.compiled, values, { ...this.data.context, now: this.now() }, this.notes);
  }

  // What the fields ask of their form

  raw(place) {
    const { repeat } = split(place);
    const typed = at(Object.fromEntries(this.edits), place);
    if (this.edits.has(repeat || place) && typed !== undefined) return typed;
    return at(this.state.values, place) ?? at(this.data.values, place);
  }

  /** A calculation as it is shown: what is kept is not rounded. */
  shown(spec) {
    const value = this.raw(spec.key);
    if (spec.shown_decimals === undefined || value === null || value === undefined || spec.type !== "decimal") return value;
    return decimal.write(decimal.rounded(decimal.parse(value), decimal.fromInt(spec.shown_decimals), "round"));
  }

  rows(repeat) {
    return (this.edits.has(repeat) ? this.edits.get(repeat) : this.data.values[repeat]) ?? [];
  }

  isFixed(spec) {
    return Boolean(spec.readonly || spec.calc || spec.type === "file");
  }

  fixed(spec) {
    const page = this.item(spec.key)?.page;
    const { pages, items } = this.data.held ?? { pages: [], items: [] };
    const held = pages.includes(page) || items.includes(spec.key) || this.data.notes?.[spec.key]?.locked;
    return !this.data.editable || this.busy || this.isFixed(spec) || held || this.state.readonly.has(spec.key);
  }

  isRequired(spec) {
    return this.state.required.has(spec.key);
  }

  /** What to show at a field: errors once it was left, what is missing once the page was to be completed. */
  findings(key) {
    const page = this.item(key)?.page ?? this.compiled.groups.get(key)?.page;
    const due = (finding) => {
      if (finding.severity === "missing") return this.asked.has(page);
      if (finding.when === "save" && !this.attempted && this.edits.has(split(key).repeat || key)) return false;
      return this.touched.has(key) || !this.edits.has(split(key).repeat || key);
    };
    const own = this.state.findings.filter((finding) => placed(finding) === key && due(finding));
    const said = this.answered.filter((fault) => fault.place === key && !own.some((finding) => finding.code === fault.code));
    return [...own, ...said.map((fault) => ({ ...fault, severity: "error", key })), ...review.remarks(this, key)];
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
    if (this.compiled.groups.has(key)) return same(value, this.data.values[key] ?? []);
    const held = Object.hasOwn(this.data.values, key) || !this.compiled.items.get(key)?.spec.default;
    return held && same(value, this.data.values[key]);
  }

  /** A value has changed. */
  edit(place, value) {
    const { repeat } = split(place);
    if (repeat) {
      this.change(repeat, put(this.rows(repeat), place, value === "" ? null : value));
    } else {
      this.change(place, value === "" ? null : value);
    }
  }

  change(key, value) {
    if (this.isStored(key, value)) this.edits.delete(key);
    else this.edits.set(key, value);
    this.answered = this.answered.filter((fault) => fault.place !== key && !fault.place.startsWith(`${key}[`));
    this.keep();
  }

  keep() {
    draft.keep(this.data.revision, this.edits, this.noted);
    this.evaluate();
    this.draw();
  }

  /** Keep in this tab what is not saved yet. */
  keepDraft() {
    draft.keep(this.data.revision, this.edits, this.noted);
  }

  addRow(repeat) {
    this.change(repeat, [...this.rows(repeat), {}]);
    const number = this.rows(repeat).length - 1;
    this.querySelector(`[data-row="${repeat}[${number}]"] :is(input, select, textarea)`)?.focus();
  }

  /** Take a row away; the notes of those after it move up with them. */
  removeRow(repeat, number) {
    const before = `${repeat}[`;
    for (const [place, note] of Object.entries(this.notes)) {
      const found = place.startsWith(before) ? split(place) : null;
      if (!found || found.row < number) continue;
      this.noted.set(place, null);
      if (found.row > number) this.noted.set(`${repeat}[${found.row - 1}].${found.key}`, note);
    }
    this.change(repeat, this.rows(repeat).filter((_, place) => place !== number));
  }

  // Notes: a status in place of a value or beside it, and a comment

  mayNote(spec) {
    return spec.type !== "output" && !spec.calc && mayAnnotate(this.compiled, this.item(spec.key).spec);
  }

  note(place, change) {
    const note = Object.fromEntries(Object.entries({ ...this.notes[place], ...change }).filter(([, part]) => part));
    const next = Object.keys(note).length ? note : null;
    if (same(next, this.data.notes[place] ?? null)) this.noted.delete(place);
    else this.noted.set(place, next);
    if (next && this.compiled.statuses.get(next.status) && !this.fixed({ ...this.item(place).spec, key: place })) {
      const held = this.raw(place);
      if (held !== null && held !== undefined && held !== "") {
        this.edit(place, null);
        return;
      }
    }
    this.keep();
  }

  openNote(place) {
    this.opened_note = this.opened_note === place ? "" : place;
    this.draw();
    this.querySelector("[data-note-panel] :is(select, input)")?.focus();
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

  // Pages

  pages() {
    const { event, page: copyOf } = this.data.context;
    return pagesOf(this.compiled, event, copyOf).filter((page) => this.shownGroups(page).length);
  }

  /** The groups of a page that ask something now; of one asked in rows, its rows. */
  shownGroups(page) {
    return page.groups.map((group) => (group.repeat ? this.rowsOf(group) : this.questionsOf(group))).filter(Boolean);
  }

  questionsOf(group) {
    const specs = group.items.filter((spec) => this.state.visible.has(spec.key) && !spec.hidden);
    return specs.length ? { group, specs } : null;
  }

  rowsOf(group) {
    if (!this.state.open.has(group)) return null;
    const { key } = group.repeat;
    const rows = this.rows(key).map((_, number) =>
      group.items
        .map((spec) => ({ ...spec, key: `${key}[${number}].${spec.key}` }))
        .filter((spec) => this.state.visible.has(spec.key) && !spec.hidden),
    );
    return { group, rows };
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
    const sent = {
      base: this.data.revision,
      version: this.data.version,
      values: Object.fromEntries(this.edits),
      notes: Object.fromEntries(this.noted),
      complete: complete ? { [complete]: true } : {},
    };
    this.busy = true;
    this.draw();
    const result = await server.save(this.data.urls.save, sent);
    this.busy = false;
    this.settled(result, complete);
  }

  /** What keeps from saving (errors in what was typed), and from completing a page (all that is wrong or missing there). */
  lacks(complete = "") {
    return this.state.findings.filter((finding) => {
      const page = this.item(finding.key)?.page ?? this.compiled.groups.get(finding.key)?.page;
      const edited = this.edits.has(split(placed(finding)).repeat || finding.key);
      if (finding.severity === "error") return edited || page === complete || finding.code === "check_failed";
      return finding.severity === "missing" && page === complete;
    });
  }

  settled(result, complete) {
    if (result.ok) {
      const here = this.page;
      Object.assign(this.data, result.ok);
      this.opened = performance.now();
      this.edits.clear();
      this.noted.clear();
      this.attempted = false;
      this.answered = [];
      review.refresh(this);
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
    this.keep();
    toast(gettext("The changes of the others are taken over. Save yours now."), "info");
  }
}
