// What an evaluated entry comes to: how far its pages are, its tags, its titles. The twin of ecrf/engine/telling.py.

import { mayAnnotate } from "./definition.js";
import { toText } from "./expressions.js";
import { isEmpty } from "./values.js";

/** How far a page is: counts only. */
export function pageState(entry, page) {
  const counts = { shown: 0, answered: 0, missing: 0, errors: 0, warnings: 0 };
  const COUNTER = { missing: "missing", error: "errors", warning: "warnings", query: "warnings" };
  const count = (place) => {
    for (const finding of entry.findings.get(place) ?? []) counts[COUNTER[finding.severity]] += 1;
  };
  const repeats = new Set();
  for (const item of entry.form.items.values()) {
    if (item.page !== page.key) continue;
    if (item.repeat) repeats.add(item.repeat);
    for (const scope of entry.scopes(item)) {
      const place = entry.place(item, scope);
      const { spec } = item;
      if (spec.type !== "output" && !spec.calc && !spec.source?.["goupile.calc"] && entry.visible.has(place)) {
        const replaced = mayAnnotate(entry.form, spec) && entry.form.statuses.get(entry.status(place));
        counts.shown += 1;
        if (!isEmpty(scope.stored.get(spec.key)) || replaced) counts.answered += 1;
      }
      count(place);
    }
  }
  repeats.forEach(count);
  return counts;
}

/** What lists show and filter by. */
export function tags(entry, findings) {
  const statuses = new Set();
  for (const item of entry.form.items.values()) {
    for (const scope of entry.scopes(item)) {
      const place = entry.place(item, scope);
      if (entry.visible.has(place) && entry.form.statuses.has(entry.status(place))) statuses.add(entry.status(place));
    }
  }
  const severities = new Set(findings.filter(({ code }) => code !== "hidden_value").map(({ severity }) => severity));
  const found = {
    wait: statuses.has("wait"),
    check: statuses.has("check"),
    na: [...statuses].some((status) => entry.form.statuses.get(status)),
    incomplete: severities.has("missing"),
    error: ["error", "warning", "query"].some((severity) => severities.has(severity)),
  };
  return Object.keys(found).filter((name) => found[name]);
}

/** What pages and rows call themselves. */
export function titles(entry) {
  const found = {};
  for (const page of entry.form.data.pages) {
    const node = page.summary ?? page.row_title;
    if (entry.asked.has(page.key) && node) entitle(entry, found, page.key, node, entry.top);
  }
  for (const [page, { summary }] of entry.scripts) if (summary) found[page] = summary;
  for (const [key, scopes] of entry.rows) {
    const node = entry.form.groups.get(key).group.repeat.row_title;
    if (node) for (const scope of scopes) entitle(entry, found, scope.row, node, scope);
  }
  return found;
}

function entitle(entry, found, place, node, scope) {
  const value = entry.compute(node, scope);
  if (value !== null && toText(value)) found[place] = toText(value);
}
