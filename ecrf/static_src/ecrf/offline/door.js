// The way of an entry to what keeps it: on the device instead of the server. The twin of ../entry/server.js.
import { contextOf, keyOf, sheetNow, workOn } from "./casebook.js";
import { heldOf, onlineOnly } from "./online.js";
import { ulid } from "./ulid.js";

/** What <ecrf-entry> must know of a sheet, as the server would tell it. */
export function shown(desk, subject, sheet) {
  const now = sheetNow(subject, desk.work, sheet);
  return {
    ...(now.definition && { definition: now.definition }), // as the server settled it for who doesn't see every page
    revision: now.revision,
    values: now.values,
    notes: now.notes,
    complete: now.complete,
    locked: now.locked,
    held: heldOf(now.held, onlineOnly(desk.forms.get(sheet.form).compiled, sheet)),
    signatures: [],
    saved: now.saved,
    context: contextOf(subject, desk.work, sheet),
    record: null,
    remarks: [],
  };
}

export function doorOf(desk, subject, sheet, form) {
  return {
    /** Append a piece of work to the outbox: with what stood there before, so that the server can merge. */
    async save(sent) {
      const before = sheetNow(subject, desk.work, sheet);
      const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
      const places = [...Object.keys(sent.values), ...Object.keys(sent.notes)];
      const piece = {
        id: ulid(),
        kind: "entry",
        previous: workOn(desk.work, subject.id, sheet).at(-1)?.id ?? "",
        subject: subject.id,
        ...sheet,
        new: !before.isTaken,
        version: form.version,
        base: { revision: before.revision, values: pick(before.values, places.filter((place) => !place.includes("["))), notes: pick(before.notes, places) },
        values: sent.values,
        notes: sent.notes,
        complete: sent.complete,
        said_at: new Date().toISOString(),
      };
      try {
        await desk.append(piece, keyOf({ ...sheet, subject: subject.id }));
      } catch (fault) {
        if (fault?.name !== "QuotaExceededError") throw fault;
        return { failed: gettext("This device has no room left: send your work or save it into a rescue file, then make room.") };
      }
      return { ok: shown(desk, subject, sheet) };
    },
    async state() {
      return { now: { ...shown(desk, subject, sheet), changes: [] } };
    },
  };
}

/** What is typed and not saved, sealed on the device; `kept` is what was found when the sheet was opened. */
export function draftsOf(desk, subject, sheet, kept) {
  const id = keyOf({ ...sheet, subject: subject.id });
  let last = Promise.resolve();
  const next = (act) => (last = last.then(act, act));
  return {
    kept: () => kept && { base: kept.base, edits: new Map(kept.edits), noted: new Map(kept.noted) },
    keep: (base, edits, noted) => next(() => (edits.size + noted.size ? desk.store.put("drafts", desk.idOf(id), { id, base, edits: [...edits], noted: [...noted] }) : desk.store.remove("drafts", desk.idOf(id)))),
    forget: () => next(() => desk.store.remove("drafts", desk.idOf(id))),
    done: () => last,
  };
}
