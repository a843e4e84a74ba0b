// A subject's casebook on the device: what was taken, with the work done since laid over it.
import { pagesOf } from "../engine/definition.js";

const sameSheet = (one, other) => ["form", "event", "page", "instance"].every((part) => (one[part] ?? "") === (other[part] ?? ""));
export const keyOf = ({ subject, form, event = "", page = "", instance = 1 }) => [subject, form, event, page, instance].join(" ");

/** The pieces of work on a sheet, oldest first. */
export const workOn = (work, subject, sheet) => work.filter((piece) => piece.kind === "entry" && piece.subject === subject && sameSheet(piece, sheet));

/** A sheet as it is here: what was taken and what was done since. */
export function sheetNow(subject, work, sheet) {
  const taken = subject.entries.find((entry) => sameSheet(entry, sheet));
  const now = { revision: 0, values: {}, notes: {}, complete: [], locked: false, held: { pages: [], items: [] }, saved: null, ...taken, ...sheet };
  now.values = { ...now.values };
  now.notes = { ...now.notes };
  const complete = new Set(now.complete);
  for (const piece of workOn(work, subject.id, sheet)) {
    for (const [key, value] of Object.entries(piece.values)) {
      if (value === null) delete now.values[key];
      else now.values[key] = value;
    }
    for (const [place, note] of Object.entries(piece.notes)) {
      if (note) now.notes[place] = note;
      else delete now.notes[place];
    }
    for (const [page, done] of Object.entries(piece.complete)) complete[done ? "add" : "delete"](page);
    now.saved = { by: gettext("this device, not sent yet"), at: piece.said_at };
  }
  now.complete = [...complete];
  now.isTaken = Boolean(taken);
  now.locked ||= subject.locked.all || subject.locked.events.includes(now.event ?? "");
  return now;
}

/** Every sheet of a subject in a form: those that are asked once, then the copies that there are. */
export function sheetsOf(compiled, form, subject, work) {
  const events = compiled.events.size ? [...compiled.events.keys()].filter((key) => isOf(compiled.events.get(key).spec, subject.arm)) : [""];
  const all = [...subject.entries, ...work.filter((piece) => piece.kind === "entry" && piece.subject === subject.id)].filter((one) => one.form === form);
  return events.map((event) => {
    const spec = compiled.events.get(event)?.spec;
    const pages = pagesOf(compiled, event);
    const main = all.filter((one) => (one.event ?? "") === event && !one.page);
    const instances = spec?.repeats ? [...new Set([1, ...main.map((one) => one.instance ?? 1)])].sort((a, b) => a - b) : [1];
    const copied = compiled.events.size ? compiled.events.get(event).copied : compiled.data.pages.filter((page) => page.repeats).map((page) => page.key);
    return {
      event,
      spec,
      pages,
      sheets: pages.length ? instances.map((instance) => ({ form, event, page: "", instance })) : [],
      next: spec?.repeats && pages.length ? { form, event, page: "", instance: Math.max(...instances) + 1 } : null,
      copies: copied.map((page) => {
        const there = [...new Set(all.filter((one) => (one.event ?? "") === event && one.page === page).map((one) => one.instance))].sort((a, b) => a - b);
        return {
          page: compiled.data.pages.find((one) => one.key === page),
          sheets: there.map((instance) => ({ form, event, page, instance })),
          next: { form, event, page, instance: Math.max(0, ...there) + 1 },
        };
      }),
    };
  });
}

const isOf = (spec, arm) => !arm || !spec.arms || spec.arms.includes(arm);

/** What the expressions of a sheet may know besides its values. The twin of ecrf/services/contexts.py, on this clock. */
export function contextOf(subject, work, sheet) {
  const own = [...subject.entries, ...work.filter((piece) => piece.kind === "entry" && piece.subject === subject.id)];
  const sheets = new Map(own.filter((one) => one.form === sheet.form).map((one) => [keyOf({ ...one, subject: "" }), one]));
  const base = {};
  const copies = {};
  const others = {};
  for (const one of [...sheets.values()].sort((a, b) => (a.instance ?? 1) - (b.instance ?? 1))) {
    const place = { form: one.form, event: one.event ?? "", page: one.page ?? "", instance: one.instance ?? 1 };
    if (sameSheet(place, sheet)) continue;
    const { values } = sheetNow(subject, work, place);
    if (place.event === sheet.event && !place.page) Object.assign(base, values);
    else if (place.event === sheet.event) (copies[place.page] ??= []).push(values);
    else if (!place.page) others[place.event] ??= values;
  }
  return { now: clock(), subject: subject.number ?? "", site: subject.site, arm: subject.arm ?? "", event: sheet.event, page: sheet.page, instance: sheet.instance, base: sheet.page ? base : {}, copies, others };
}

/** The moment on this device, as forms know it: without a zone. */
export function clock(at = new Date()) {
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
