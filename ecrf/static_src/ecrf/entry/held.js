// What a form holds: what was saved, what was typed over it, and what that comes to.
import * as decimal from "../engine/decimal.js";
import { evaluate } from "../engine/evaluate.js";
import * as moments from "../engine/moments.js";
import { message } from "./messages.js";
import * as review from "./review.js";
import { at, placed, split } from "./rows.js";

export class Held extends HTMLElement {
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
    return Boolean(spec.readonly || spec.calc);
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
}
