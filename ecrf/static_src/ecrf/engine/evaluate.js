// Evaluate an entry in the browser: what is shown, computed, missing or wrong. The twin of ecrf/engine/evaluation.py,
// which is the authority: the server does all of this again at every save.

import * as decimal from "./decimal.js";
import { mayAnnotate, pagesOf } from "./definition.js";
import { precedes, run, toText } from "./expressions.js";
import * as moments from "./moments.js";
import { earlier, elsewhere, typedValues, whole } from "./surroundings.js";
import { pageState, tags, titles } from "./telling.js";
import { isEmpty, read, Unreadable, write } from "./values.js";

const MOST_ROWS = 1000;
const WAIVED = new Set(["check_failed", "below_min", "above_max", "not_offered"]);
const equalStored = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** Whether a choice is no longer offered on a day. */
export const isRetired = (choice, today) =>
  choice.retired === true || (typeof choice.retired === "string" && choice.retired <= moments.write(today));

/**
 * The state of the entry that the context names: {now, subject, site, arm, event, page, instance, base, copies, others}.
 * `notes`: by place, {status, comment, locked}. Places are keys, or `rows[0].key` for what is asked in rows.
 * `scripts`: what script pages came to, by page: {values, visible, required, defaults, findings, summary, enabled}.
 * Gives {values, visible, findings, defaults, recomputed, pages, required, readonly, offered, tags, titles, open}.
 */
export function evaluate(form, given, context, notes = {}, scripts = new Map()) {
  const ran = Object.assign({}, ...[...scripts.values()].map((state) => state.values));
  return new Evaluation(form, { ...given, ...ran }, context, notes, scripts).result();
}

class Evaluation {
  constructor(form, given, context, notes, scripts) {
    Object.assign(this, { form, given, notes, scripts });
    this.scripted = new Set(form.data.pages.filter((page) => page.script !== undefined).map((page) => page.key));
    this.erases = form.data.hidden_values === "erase";
    this.asked = new Set(pagesOf(form, context.event, context.page).map((page) => page.key));
    this.visible = new Set();
    this.defaults = new Set();
    this.recomputed = new Set();
    this.required = new Set();
    this.readonly = new Set();
    this.offered = {};
    this.findings = new Map();
    this.groups = new Map();
    this.settled = new Set();
    const now = moments.parseDatetime(context.now);
    this.today = { day: now.day };
    const base = context.page ? typedValues(form, context.base ?? {}) : new Map();
    const rows = new Map();
    for (const [page, copies] of Object.entries(context.copies ?? {})) rows.set(page, copies.map((copy) => whole(form, page, typedValues(form, copy))));
    const statuses = new Map();
    for (const [place, note] of Object.entries(notes)) if (note?.status && !place.includes(".")) statuses.set(place, note.status);
    this.env = {
      now,
      today: this.today,
      subject: context.subject ?? "",
      site: context.site ?? "",
      arm: context.arm ?? "",
      event: context.event ?? "",
      instance: context.instance ?? 1,
      others: elsewhere(form, context),
      earlier: earlier(form, context),
      rows,
      statuses,
    };
    this.top = { given, stored: new Map(), typed: new Map(), row: "", env: this.env };
    this.top.read = (key) => {
      this.settleKey(key, this.top);
      return this.top.typed.get(key) ?? base.get(key) ?? null;
    };
    this.rows = new Map();
    for (const [key, { page }] of form.groups) if (this.asked.has(page)) this.rows.set(key, this.rowScopes(key, given[key]));
    for (const [key, scopes] of this.rows) {
      // Read through, so that what an aggregate reads is settled first
      rows.set(key, scopes.map((scope) => ({ get: scope.read, has: (name) => form.items.get(name)?.repeat === key })));
    }
  }

  rowScopes(key, raw) {
    if (raw === null || raw === undefined || raw === "") return [];
    if (!Array.isArray(raw) || !raw.every((row) => row !== null && typeof row === "object" && !Array.isArray(row))) {
      this.add({ key, code: "not_rows", severity: "error", params: {}, row: "" });
      return [];
    }
    if (raw.length > MOST_ROWS) {
      this.add({ key, code: "too_many_rows", severity: "error", params: { limit: MOST_ROWS }, row: "" });
      return [];
    }
    return raw.map((given, number) => {
      const row = `${key}[${number}]`;
      const statuses = new Map(this.env.statuses);
      for (const [place, note] of Object.entries(this.notes)) {
        if (note?.status && place.startsWith(`${row}.`)) statuses.set(place.slice(row.length + 1), note.status);
      }
      const scope = { given, stored: new Map(), typed: new Map(), row, env: { ...this.env, instance: number + 1, statuses } };
      scope.read = (name) => {
        if (this.form.items.get(name)?.repeat !== key) return this.top.read(name);
        this.settleKey(name, scope);
        return scope.typed.get(name) ?? null;
      };
      return scope;
    });
  }

  place(item, scope) {
    return scope.row ? `${scope.row}.${item.spec.key}` : item.spec.key;
  }

  scopes(item) {
    if (!this.asked.has(item.page)) return [];
    return item.repeat ? this.rows.get(item.repeat) : [this.top];
  }

  compute(node, scope, choice) {
    return run(node, scope.read, choice ? { ...scope.env, choice } : scope.env);
  }

  result() {
    const { items } = this.form;
    for (const item of items.values()) for (const scope of this.scopes(item)) this.settle(item, scope);
    for (const item of items.values()) {
      for (const scope of this.scopes(item)) if (this.visible.has(this.place(item, scope))) this.examine(item, scope);
    }
    this.countRows();
    for (const { findings, enabled } of this.scripts.values()) if (enabled) for (const finding of findings) this.add(finding);
    const values = {};
    for (const key of items.keys()) if (this.top.stored.has(key)) values[key] = this.top.stored.get(key);
    for (const [key, scopes] of this.rows) {
      if (Object.hasOwn(this.given, key)) values[key] = scopes.map((scope) => Object.fromEntries(scope.stored));
    }
    const findings = [...this.strangers(), ...[...this.places()].flatMap((place) => this.findings.get(place) ?? [])];
    const pages = {};
    for (const page of this.form.data.pages) if (this.asked.has(page.key)) pages[page.key] = pageState(this, page);
    return {
      values,
      visible: this.visible,
      findings,
      defaults: this.defaults,
      recomputed: this.recomputed,
      pages,
      required: this.required,
      readonly: this.readonly,
      offered: this.offered,
      tags: tags(this, findings),
      titles: titles(this),
      open: this.open(),
    };
  }

  /** The groups asked in rows that are shown, whether they have rows or not. */
  open() {
    const found = new Set();
    for (const own of this.form.groups.values()) if (this.asked.has(own.page) && this.isOpen(own)) found.add(own.group);
    return found;
  }

  /** Everywhere something may be found, in the order of the form. */
  *places() {
    const seen = new Set();
    for (const item of this.form.items.values()) {
      if (item.repeat && !seen.has(item.repeat) && this.asked.has(item.page)) {
        seen.add(item.repeat);
        yield item.repeat;
      }
      for (const scope of this.scopes(item)) yield this.place(item, scope);
    }
  }

  strangers() {
    const found = [];
    for (const scope of [this.top, ...[...this.rows.values()].flat()]) {
      for (const key of Object.keys(scope.given)) {
        const item = this.form.items.get(key);
        const known = item ? this.scopes(item).includes(scope) : this.rows.has(key) && scope === this.top;
        if (!known) found.push({ key: [...key].slice(0, 120).join(""), code: "unknown_variable", severity: "error", params: {}, message: null, row: scope.row, when: "input", waived: false });
      }
    }
    return found;
  }

  settleKey(key, scope) {
    const item = this.form.items.get(key);
    if (item && this.scopes(item).includes(scope)) this.settle(item, scope);
  }

  /** Find out whether an item is shown and what it holds; what it reads is settled first. */
  settle(item, scope) {
    const { spec } = item;
    const { key } = spec;
    const place = this.place(item, scope);
    if (this.settled.has(place)) return;
    this.settled.add(place);
    const has = Object.hasOwn(scope.given, key);
    const shown = this.isShown(item, scope);
    if (shown) this.visible.add(place);
    if (spec.type === "output") {
      if (!isEmpty(scope.given[key])) this.find(item, scope, "holds_no_value", "error");
      return;
    }
    if (spec.calc) {
      const result = shown ? this.fitting(spec, spec.calc, scope) : null;
      scope.stored.set(key, result);
      if (result !== null) scope.typed.set(key, read(spec, result)[1]);
      if (has && !equalStored(isEmpty(scope.given[key]) ? null : scope.given[key], result)) this.recomputed.add(place);
      return;
    }
    let spelt;
    let held;
    try {
      [spelt, held] = read(spec, has ? scope.given[key] : null);
    } catch (fault) {
      if (!(fault instanceof Unreadable)) throw fault;
      this.find(item, scope, fault.code, "error", fault.params);
      return;
    }
    if (!shown && this.erases) {
      if (has) scope.stored.set(key, null);
      return;
    }
    if (has) {
      scope.stored.set(key, spelt);
    } else if (shown && spec.default) {
      const result = this.fitting(spec, spec.default, scope);
      if (result !== null) {
        scope.stored.set(key, result);
        [spelt, held] = read(spec, result);
        this.defaults.add(place);
      }
    }
    if (this.scripts.get(item.page)?.defaults.has(place)) this.defaults.add(place);
    if (shown) {
      if (held !== null) scope.typed.set(key, held);
    } else if (spelt !== null && !this.scripted.has(item.page)) {
      this.find(item, scope, "hidden_value", "warning");
    }
  }

  isShown(item, scope) {
    if (this.scripted.has(item.page)) {
      const state = this.scripts.get(item.page);
      return state ? state.enabled && state.visible.has(this.place(item, scope)) : !isEmpty(scope.given[item.spec.key]);
    }
    return this.isOpen(item) && (!item.spec.visible_if || this.compute(item.spec.visible_if, scope) === true);
  }

  /** Whether the group is shown, given with the conditions above it. */
  isOpen({ group, conditions }) {
    if (!this.groups.has(group)) this.groups.set(group, conditions.every((node) => this.compute(node, this.top) === true));
    return this.groups.get(group);
  }

  fitting(spec, node, scope) {
    try {
      return read(spec, write(spec.type, this.compute(node, scope)))[0];
    } catch (fault) {
      if (fault instanceof Unreadable) return null;
      throw fault;
    }
  }

  /** Look at a shown item once every value is known. */
  examine(item, scope) {
    const { spec } = item;
    const place = this.place(item, scope);
    const held = scope.typed.get(spec.key) ?? null;
    const isInput = spec.type !== "output" && !spec.calc;
    if (this.scripted.has(item.page)) {
      if (this.scripts.get(item.page)?.required.has(place)) this.required.add(place);
      if (held !== null) this.lookAtChoices(item, held, scope);
      return;
    }
    if (spec.readonly_if && this.compute(spec.readonly_if, scope) === true) this.readonly.add(place);
    if (isInput && (spec.required || (spec.required_if && this.compute(spec.required_if, scope) === true))) this.required.add(place);
    if (spec.choice_filter) this.offer(item, held, scope);
    if (held === null) {
      const excused = mayAnnotate(this.form, spec) && this.form.statuses.has(this.status(place));
      if (this.required.has(place) && !this.findings.has(place) && !excused) this.find(item, scope, "required", "missing");
    } else {
      this.compare(item, held, scope);
      this.lookAtChoices(item, held, scope);
    }
    if (item.group.ranked && held !== null) this.rank(item, held, scope);
    for (const check of spec.checks ?? []) {
      if (this.compute(check.holds, scope) === false) {
        const severity = { block: "error", warn: "warning", query: "query" }[check.severity];
        this.find(item, scope, "check_failed", severity, { check: check.key }, check.message, check.when ?? "input");
      }
    }
  }

  /** In a table that puts choices in order, a choice is given to one line. */
  rank(item, held, scope) {
    const others = item.group.items.filter((other) => other.key !== item.spec.key && (scope.typed.get(other.key) ?? null) === held);
    if (others.some((other) => this.visible.has(this.place({ spec: other }, scope)))) this.find(item, scope, "ranked_twice", "error", { choice: held });
  }

  /** Which choices the filter lets through, and whether the answer is one of them. */
  offer(item, held, scope) {
    const { spec } = item;
    const offered = spec.choices
      .filter(({ code, attributes }) => this.compute(spec.choice_filter, scope, new Map(Object.entries({ ...attributes, code }))) === true)
      .map(({ code }) => code);
    this.offered[this.place(item, scope)] = offered;
    for (const { code } of spec.choices) {
      if ([held].flat().includes(code) && !offered.includes(code)) this.find(item, scope, "not_offered", "error", { choice: code });
    }
  }

  lookAtChoices(item, held, scope) {
    const { spec } = item;
    const ticked = [held].flat();
    if (spec.choices?.some((choice) => isRetired(choice, this.today) && ticked.includes(choice.code))) {
      this.find(item, scope, "retired_choice", "warning");
    }
    if (ticked.length < (spec.min_ticked ?? 0)) this.find(item, scope, "too_few_ticked", "error", { limit: spec.min_ticked });
  }

  compare(item, held, scope) {
    const { spec } = item;
    const severity = spec.range === "block" ? "error" : "warning";
    const low = spec.min ? this.compute(spec.min, scope) : null;
    const high = spec.max ? this.compute(spec.max, scope) : null;
    if (low !== null && precedes(held, low) === true) this.find(item, scope, "below_min", severity, { limit: toText(low) });
    if (high !== null && precedes(high, held) === true) this.find(item, scope, "above_max", severity, { limit: toText(high) });
  }

  countRows() {
    for (const [key, scopes] of this.rows) {
      const own = this.form.groups.get(key);
      if (this.scripted.has(own.page)) continue;
      const { min = 0, max = MOST_ROWS } = own.group.repeat;
      if (scopes.length < min && this.isOpen(own)) this.add({ key, code: "too_few_rows", severity: "missing", params: { limit: min }, row: "" });
      if (scopes.length > max) this.add({ key, code: "too_many_rows", severity: "error", params: { limit: max }, row: "" });
    }
  }

  status(place) {
    return this.notes[place]?.status ?? "";
  }

  find(item, scope, code, severity, params = {}, message = null, when = "input") {
    const note = this.notes[this.place(item, scope)];
    const waived = severity === "error" && WAIVED.has(code) && Boolean(note?.status || note?.comment) && mayAnnotate(this.form, item.spec);
    this.add({ key: item.spec.key, code, severity: waived ? "warning" : severity, params, message, row: scope.row, when, waived });
  }

  add(finding) {
    const place = finding.row ? `${finding.row}.${finding.key}` : finding.key;
    if (!this.findings.has(place)) this.findings.set(place, []);
    this.findings.get(place).push({ message: null, when: "input", waived: false, ...finding });
  }
}
