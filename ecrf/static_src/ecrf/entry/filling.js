// A form being filled in: what is held, what it comes to, how it is saved and merged. How it looks is in element.js.
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { compile, evaluate } from "../engine/evaluate.js";
import * as moments from "../engine/moments.js";
import { display } from "./display.js";
import * as draft from "./draft.js";
import { differences } from "./merge.js";
import { message } from "./messages.js";
import * as review from "./review.js";
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
    const asked = (key) => this.compiled.items.has(key) && !this.fixed(this.compiled.items.get(key).spec);
    const lost = [...kept.edits.keys()].filter((key) => !asked(key));
    this.edits = new Map([...kept.edits].filter(([key]) => asked(key)));
    this.touched = new Set(this.edits.keys());
    if (kept.base !== this.data.revision) this.data.revision = kept.base;
    if (lost.length) {
      const text = gettext("The form has changed and no longer asks for: %s. What you had typed there is left out.");
      toast(interpolate(text, [lost.join(", ")]), "warning");
    }
    if (this.edits.size) toast(gettext("What you had typed here is back. It is not saved yet."), "info");
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

  /** Keep in this tab what is not saved yet. */
  keepDraft() {
    if (this.edits.size) draft.keep(this.data.revision, this.edits);
    else draft.forget();
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
    const sent = {
      base: this.data.revision,
      version: this.data.version,
      values: Object.fromEntries(this.edits),
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
    draft.keep(this.data.revision, this.edits);
    this.evaluate();
    this.draw();
    toast(gettext("The changes of the others are taken over. Save yours now."), "info");
  }
}
