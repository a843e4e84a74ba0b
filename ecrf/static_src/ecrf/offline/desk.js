// What lies open once the code was given: the forms, the subjects, and the work that isn't with the server yet.
import { compile } from "../engine/definition.js";
import { ulid } from "./ulid.js";

export class Desk {
  constructor(store) {
    this.store = store;
    this.device = null;
    this.forms = new Map();
    this.subjects = new Map();
    this.work = [];
    this.told = [];
    this.drafts = new Map();
    this.rows = new Map(); // what a row is about -> its name in the store, which says nothing
  }

  /** A row's name in the store. */
  idOf(about) {
    if (!this.rows.has(about)) this.rows.set(about, crypto.randomUUID());
    return this.rows.get(about);
  }

  /** Read everything; records whose time is over are thrown away, work that isn't sent never. */
  async load() {
    for (const [id, row] of await this.store.all("records")) {
      this.rows.set(row.about, id);
      if (row.about === "device") this.device = row.value;
      else if (row.about === "forms") this.takeForms(row.value);
      else this.subjects.set(row.value.id, row.value);
    }
    for (const [id, piece] of await this.store.all("outbox")) {
      this.rows.set(piece.id, id);
      this.work.push(piece);
    }
    this.work.sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const [id, draft] of await this.store.all("drafts")) {
      this.rows.set(draft.id, id);
      this.drafts.set(draft.id, draft);
    }
    for (const [, told] of await this.store.all("told")) this.told.push(told);
    this.told.sort((one, other) => (one.at < other.at ? 1 : -1));
    for (const subject of [...this.subjects.values()]) if (new Date(subject.expires) < new Date() && !this.unsentOf(subject.id).length) await this.drop(subject.id);
  }

  takeForms(forms) {
    this.forms = new Map(forms.map((form) => [form.key, { ...form, compiled: compile(form.definition) }]));
  }

  get unsent() {
    return this.work.filter((piece) => !piece.sent);
  }

  unsentOf(subject) {
    return this.unsent.filter((piece) => piece.subject === subject || piece.id === subject);
  }

  keep(about, value) {
    return this.store.put("records", this.idOf(about), { about, value });
  }

  /** Records as the server has them now; work that it has is in them. */
  async takeRecords({ forms, records: subjects }) {
    const changes = [["records", this.idOf("forms"), { about: "forms", value: forms }]];
    for (const subject of subjects) changes.push(["records", this.idOf(`subject ${subject.id}`), { about: `subject ${subject.id}`, value: subject }]);
    const ids = new Set(subjects.map((subject) => subject.id));
    const done = this.work.filter((piece) => piece.sent && (ids.has(piece.subject) || ids.has(piece.became)));
    for (const piece of done) changes.push(["outbox", this.idOf(piece.id)]);
    await this.store.change(changes);
    this.takeForms(forms);
    for (const subject of subjects) this.subjects.set(subject.id, subject);
    this.work = this.work.filter((piece) => !done.includes(piece));
  }

  /** A piece of work, written before anything says that it is; with it goes the draft that it was. */
  async append(piece, draft) {
    const changes = [["outbox", this.idOf(piece.id), piece]];
    if (draft) changes.push(["drafts", this.idOf(draft)]);
    await this.store.change(changes);
    this.work.push(piece);
    this.drafts.delete(draft);
    this.onChange?.();
  }

  /** A subject who has no number yet. */
  async include(site) {
    const id = ulid();
    const subject = { id, number: "", site: site.code, site_name: site.name, arm: "", taken: new Date().toISOString(), expires: "9999-01-01T00:00:00Z", isNew: true, locked: { all: false, events: [] }, entries: [] };
    const piece = { id, kind: "subject", site: site.code, said_at: new Date().toISOString() };
    await this.store.change([
      ["outbox", this.idOf(id), piece],
      ["records", this.idOf(`subject ${id}`), { about: `subject ${id}`, value: subject }],
    ]);
    this.work.push(piece);
    this.subjects.set(id, subject);
    this.onChange?.();
    return subject;
  }

  /** Throw a subject's records away. */
  async drop(id) {
    await this.store.remove("records", this.idOf(`subject ${id}`));
    this.subjects.delete(id);
  }

  /** What the server said of a piece of work: it is there, or kept there; or it stays here with the reason. */
  async settle(piece, answer) {
    const changes = [];
    if (answer.state === "refused") Object.assign(piece, { refused: answer.message });
    else Object.assign(piece, { sent: true, became: answer.subject ?? "" });
    changes.push(["outbox", this.idOf(piece.id), piece]);
    const told = { ...answer, at: new Date().toISOString(), subject: answer.number || this.subjects.get(piece.subject)?.number || "", form: piece.form ?? "", event: piece.event ?? "", kind: piece.kind };
    if (answer.state !== "applied" || answer.incomplete?.length) {
      this.told.unshift(told);
      changes.push(["told", this.idOf(`told ${piece.id}`), told]);
    }
    if (piece.kind === "subject" && answer.state === "applied") {
      const subject = { ...this.subjects.get(piece.id), number: answer.number, real: answer.subject };
      this.subjects.set(piece.id, subject);
      changes.push(["records", this.idOf(`subject ${piece.id}`), { about: `subject ${piece.id}`, value: subject }]);
    }
    await this.store.change(changes);
  }

  /** A refused piece that its author gives up. */
  async giveUp(piece) {
    await this.store.remove("outbox", this.idOf(piece.id));
    this.work = this.work.filter((one) => one !== piece);
    this.onChange?.();
  }

  async forgetTold() {
    await this.store.change(this.told.map((told) => ["told", this.idOf(`told ${told.id}`)]));
    this.told = [];
  }
}
