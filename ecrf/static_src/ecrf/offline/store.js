// The device's store: sealed rows in IndexedDB whose names say nothing. A database for each person and study.
import { deleteDB, openDB } from "idb";
import * as vault from "./vault.js";

const ROWS = ["records", "outbox", "drafts", "told"];
/** records: forms, subjects, the device itself. outbox: work not sent. drafts: typed and not saved. told: answers. */

export const nameOf = (project, reader) => `ecrf-offline-${project}-${reader}`;

/** Whether the browser holds anything for this person and study, without opening it. */
export async function exists(name) {
  return (await indexedDB.databases()).some((one) => one.name === name);
}

export class Store {
  static async open(name) {
    const store = new Store();
    store.name = name;
    store.db = await openDB(name, 1, {
      upgrade(db) {
        db.createObjectStore("keys");
        for (const row of ROWS) db.createObjectStore(row);
      },
      blocking: (_now, _next, event) => event.target.close(),
    });
    return store;
  }

  async lockRow() {
    return this.db.get("keys", "device");
  }

  /** Make the key of the device. */
  async begin(code) {
    const { row, key } = await vault.make(code);
    await this.db.put("keys", row, "device");
    this.key = key;
  }

  /** Open with the code; false where it is another. */
  async unlock(code) {
    this.key = await vault.open(await this.lockRow(), code);
    return this.key !== null;
  }

  place(row, id) {
    return `${this.name}/${row}/${id}`;
  }

  async seal(row, id, value) {
    return vault.seal(this.key, value, this.place(row, id));
  }

  async put(row, id, value) {
    await this.db.put(row, await this.seal(row, id, value), id);
  }

  async remove(row, id) {
    await this.db.delete(row, id);
  }

  /** Several changes at once, wholly or not at all: [row, id, value], without a value to remove. */
  async change(changes) {
    const sealed = await Promise.all(changes.map(async ([row, id, value]) => [row, id, value === undefined ? undefined : await this.seal(row, id, value)]));
    const act = this.db.transaction([...new Set(changes.map(([row]) => row))], "readwrite", { durability: "strict" });
    for (const [row, id, value] of sealed) {
      if (value === undefined) act.objectStore(row).delete(id);
      else act.objectStore(row).put(value, id);
    }
    await act.done;
  }

  /** Everything of a kind, by id. */
  async all(row) {
    const [ids, sealed] = await Promise.all([this.db.getAllKeys(row), this.db.getAll(row)]);
    const clear = await Promise.all(sealed.map((one, number) => vault.unseal(this.key, one, this.place(row, ids[number]))));
    return new Map(ids.map((id, number) => [id, clear[number]]));
  }

  count() {
    return this.db.count("outbox");
  }

  async destroy() {
    this.db.close();
    await deleteDB(this.name);
  }
}
