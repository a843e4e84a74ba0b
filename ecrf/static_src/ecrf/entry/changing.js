// What a form does at each key: values, rows and notes change, and are kept in this tab.
import { mayAnnotate } from "../engine/definition.js";
import { Held } from "./held.js";
import { put, same, split } from "./rows.js";
import * as typing from "./typing.js";

export class Changing extends Held {
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
    this.drafts.keep(this.data.revision, this.edits, this.noted);
    this.evaluate();
    this.draw();
  }

  /** Keep in this tab what is not saved yet. */
  keepDraft() {
    this.drafts.keep(this.data.revision, this.edits, this.noted);
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
}
