// Evaluate an entry in the browser: what is shown, computed, missing or wrong. The twin of ecrf/engine/evaluation.py,
// which is the authority: the server does all of this again at every save.

import { run, toText } from "./expressions.js";
import * as decimal from "./decimal.js";
import * as moments from "./moments.js";
import { isEmpty, read, Unreadable, write } from "./values.js";

/** Index a definition once: items by key, with their page and the conditions above them. */
export function compile(data) {
  const items = new Map();
  for (const page of data.pages) {
    for (const group of page.groups) {
      const conditions = [page.visible_if, group.visible_if].filter(Boolean);
      for (const spec of group.items) items.set(spec.key, { spec, page: page.key, group, conditions });
    }
  }
  return { data, items };
}

const beyond = (value, limit, sign) => {
  const order = "c" in value ? decimal.compare(value, limit) : moments.seconds(value) - moments.seconds(limit);
  return order * sign > 0;
};

const equalStored = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The context: `now`, a canonical datetime, and the number of the `subject`. Gives {values, visible, findings, defaults, recomputed, pages}. */
export function evaluate({ data, items }, given, { now, subject = "" }) {
  const moment = moments.parseDatetime(now);
  const context = { now: moment, today: { day: moment.day }, subject };
  const typed = new Map();
  const stored = new Map();
  const settled = new Set();
  const visible = new Set();
  const defaults = new Set();
  const recomputed = new Set();
  const findings = new Map();
  const groups = new Map();
  const has = (key) => Object.hasOwn(given, key);

  const value = (key) => {
    settle(key);
    return typed.get(key) ?? null;
  };
  const compute = (node) => run(node, value, context);
  const find = (key, code, severity, params = {}, message = null) => {
    if (!findings.has(key)) findings.set(key, []);
    findings.get(key).push({ key, code, severity, params, message });
  };
  const fitting = (spec, node) => {
    try {
      return read(spec, write(spec.type, compute(node)))[0];
    } catch (fault) {
      if (fault instanceof Unreadable) return null;
      throw fault;
    }
  };
  const isShown = (item) => {
    if (!groups.has(item.group)) groups.set(item.group, item.conditions.every((node) => compute(node) === true));
    return groups.get(item.group) && (!item.spec.visible_if || compute(item.spec.visible_if) === true);
  };

  /** Find out whether an item is shown and what it holds; what it reads is settled first. */
  function settle(key) {
    if (settled.has(key)) return;
    settled.add(key);
    const item = items.get(key);
    const { spec } = item;
    const shown = isShown(item);
    if (shown) visible.add(key);
    if (spec.type === "output") {
      if (!isEmpty(given[key])) find(key, "holds_no_value", "error");
      return;
    }
    if (spec.calc) {
      const result = shown ? fitting(spec, spec.calc) : null;
      stored.set(key, result);
      if (result !== null) typed.set(key, read(spec, result)[1]);
      if (has(key) && !equalStored(isEmpty(given[key]) ? null : given[key], result)) recomputed.add(key);
      return;
    }
    let spelt;
    let held;
    try {
      [spelt, held] = read(spec, has(key) ? given[key] : null);
    } catch (fault) {
      if (!(fault instanceof Unreadable)) throw fault;
      find(key, fault.code, "error", fault.params);
      return;
    }
    if (has(key)) {
      stored.set(key, spelt);
    } else if (shown && spec.default) {
      const result = fitting(spec, spec.default);
      if (result !== null) {
        stored.set(key, result);
        [spelt, held] = read(spec, result);
        defaults.add(key);
      }
    }
    if (shown) {
      if (held !== null) typed.set(key, held);
    } else if (spelt !== null) {
      find(key, "hidden_value", "warning");
    }
  }

  /** Look at a shown item once every value is known. */
  function examine(key, { spec }) {
    const held = typed.get(key) ?? null;
    const isInput = spec.type !== "output" && !spec.calc;
    if (held === null) {
      if (spec.required && isInput && !findings.has(key)) find(key, "required", "missing");
    } else {
      const severity = spec.range === "block" ? "error" : "warning";
      const low = spec.min ? compute(spec.min) : null;
      const high = spec.max ? compute(spec.max) : null;
      if (low !== null && beyond(held, low, -1)) find(key, "below_min", severity, { limit: toText(low) });
      if (high !== null && beyond(held, high, 1)) find(key, "above_max", severity, { limit: toText(high) });
      const ticked = Array.isArray(held) ? held : [held];
      if (spec.choices?.some((choice) => choice.retired && ticked.includes(choice.code))) {
        find(key, "retired_choice", "warning");
      }
    }
    for (const check of spec.checks ?? []) {
      if (compute(check.holds) === false) {
        const severity = check.severity === "block" ? "error" : "warning";
        find(key, "check_failed", severity, { check: check.key }, check.message);
      }
    }
  }

  for (const key of items.keys()) settle(key);
  for (const [key, item] of items) if (visible.has(key)) examine(key, item);
  for (const key of Object.keys(given)) if (!items.has(key)) find(key, "unknown_variable", "error");

  const pages = {};
  for (const page of data.pages) pages[page.key] = { shown: 0, answered: 0, missing: 0, errors: 0, warnings: 0 };
  const COUNTER = { missing: "missing", error: "errors", warning: "warnings" };
  for (const [key, { spec, page }] of items) {
    if (spec.type !== "output" && !spec.calc && visible.has(key)) {
      pages[page].shown += 1;
      if (!isEmpty(stored.get(key))) pages[page].answered += 1;
    }
    for (const finding of findings.get(key) ?? []) pages[page][COUNTER[finding.severity]] += 1;
  }
  const known = [...items.keys()];
  return {
    values: Object.fromEntries(known.filter((key) => stored.has(key)).map((key) => [key, stored.get(key)])),
    visible,
    findings: [
      ...[...findings.keys()].filter((key) => !items.has(key)).flatMap((key) => findings.get(key)),
      ...known.flatMap((key) => findings.get(key) ?? []),
    ],
    defaults,
    recomputed,
    pages,
  };
}
