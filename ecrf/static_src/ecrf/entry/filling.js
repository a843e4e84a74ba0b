// A form being filled in: how it begins, is saved and merged. How it looks is in element.js.
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { compile } from "../engine/definition.js";
import { display } from "./display.js";
import * as draft from "./draft.js";
import { differences } from "./merge.js";
import { Paging } from "./paging.js";
import * as review from "./review.js";
import { placed, split } from "./rows.js";
import * as server from "./server.js";

export class Filling extends Paging {
  connectedCallback() {
    this.data ??= JSON.parse(document.getElementById(this.dataset.source).textContent);
    this.door ??= server.doorOf(this.data.urls);
    this.drafts ??= draft;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
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
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault(), { signal });
    if (this.isAddressed) addEventListener("popstate", () => this.go(new URLSearchParams(location.search).get("page"), false), { signal });
    addEventListener("beforeprint", () => this.drawAll(true), { signal });
    addEventListener("afterprint", () => this.drawAll(false), { signal });
    document.addEventListener(
      "keydown",
      (event) => {
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
          event.preventDefault();
          this.save();
        }
      },
      { signal },
    );
  }

  disconnectedCallback() {
    this.leaving.abort();
  }

  /** Whether its pages have addresses: where it stands by itself on a page of the server's. */
  get isAddressed() {
    return this.dataset.source !== undefined;
  }

  /** Take back what was typed before a reload; what has been saved since is left to the merge. */
  restore() {
    const kept = this.data.editable ? this.drafts.kept() : null;
    if (!kept) return;
    const asked = (key) => key.includes("/") || this.compiled.groups.has(key) || (this.compiled.items.has(key) && !this.isFixed(this.compiled.items.get(key).spec));
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
      merge: true,
    };
    this.busy = true;
    this.draw();
    const result = await this.door.save(sent);
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
      const mine = new Set([...this.edits.keys(), ...this.noted.keys()].map((place) => split(place).repeat || split(place).key));
      const others = (result.ok.changes ?? []).filter((change) => !mine.has(change.key));
      if (others.length) {
        const words = { who: [...new Set(others.map((change) => change.by))].join(", "), what: [...new Set(others.map((change) => change.label))].join(", ") };
        toast(interpolate(gettext("Saved, together with what %(who)s changed meanwhile: %(what)s."), words, true), "info");
      }
      Object.assign(this.data, result.ok);
      this.opened = performance.now();
      this.edits.clear();
      this.noted.clear();
      this.attempted = false;
      this.answered = [];
      review.refresh(this);
      this.drafts.forget();
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
    const { now, failed } = await this.door.state(this.data.revision);
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
