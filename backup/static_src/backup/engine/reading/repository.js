// A repository seen with one key: who may write to it, what was said of it, and which snapshots it holds.
import { equal, hex, unhex } from "../bytes.js";
import { Damaged, KeyRefused, Missing } from "../errors.js";
import * as badges from "../format/badge.js";
import * as chain from "../format/chain.js";
import * as configs from "../format/config.js";
import { master } from "../format/derive.js";
import { MASTER, PARTS, WRITER } from "../format/keys.js";
import * as layout from "../format/layout.js";
import * as snapshots from "../format/snapshots.js";
import { gone, readHistory } from "./history.js";

/**
 * Throws Missing where there is no repository, KeyRefused where the key belongs to another.
 * @param {import("../stores/http.js").Store} store @param {import("../format/keys.js").Key} key
 * @param {number} seen the highest number of a config that was seen before: an older one is Damaged
 */
export async function openRepository(store, key, seen = 0) {
  const names = (await store.listObjects("config")).map((one) => one.name).sort();
  const { config, wrong } = await newestConfig(store, key, names.length ? names : [layout.configName(1)]);
  const name = layout.configName(config.number);
  if (config.number < seen) throw new Damaged(name, `an older state of the repository: config ${seen} was there before`);
  if (key.role !== MASTER && PARTS.some((part) => key.canOpen(part, config.epochs.length)))
    throw new Damaged(layout.configName(config.number + 1), "is gone: the key is of a later epoch");
  const whole = key.role === MASTER ? master(key.seed, key.repository, key.suite, config.epochs.length) : key;
  const repository = new Repository(store, await configs.withOlder(whole, config), config);
  repository.problems.push(...wrong.values());
  await repository.checkConfigs(names.filter((each) => each < name));
  return repository;
}

/** The last one of the row. Rubbish under a number that comes later than the next hinders nobody. @param {string[]} names ascending */
async function newestConfig(store, key, names) {
  const wrong = new Map();
  let owner = new Uint8Array();
  for (const name of [...names].reverse()) {
    try {
      const raw = await store.fetchObject(name);
      owner = raw.subarray(8, layout.SIZE);
      const config = configs.read(raw, key, name);
      const next = wrong.get(layout.configName(config.number + 1));
      // It may be what took a key away.
      if (next) throw next;
      return { config, wrong };
    } catch (error) {
      if (!(error instanceof Damaged) || [...wrong.values()].includes(error)) throw error;
      wrong.set(name, error);
    }
  }
  if (owner.length === 16 && !equal(owner, key.repository)) throw new KeyRefused("this key belongs to another repository");
  throw wrong.get(names[0]);
}

export class Repository {
  /** What isn't sound, of what isn't a snapshot. @type {Damaged[]} */
  problems = [];

  constructor(store, key, config) {
    Object.assign(this, { store, key, config });
  }

  /** Each config names the one before it. @param {string[]} names of those before the one that counts, ascending */
  async checkConfigs(names) {
    let next = this.config;
    for (const name of names.reverse()) {
      try {
        const raw = await this.store.fetchObject(name);
        const config = configs.read(raw, this.key, name);
        if (config.number !== next.number - 1) throw new Damaged(layout.configName(next.number - 1), "is gone: later configs are there");
        if (!equal(config.digest, next.previous)) throw new Damaged(layout.configName(next.number), "doesn't follow the config before it");
        next = config;
      } catch (error) {
        this.problems.push(asDamaged(error));
        return;
      }
    }
    if (next.number !== 1) this.problems.push(new Damaged(layout.configName(next.number - 1), "is gone: later configs are there"));
  }

  /** Every key the master let in, by its id in hex. What he didn't sign counts for nothing and hinders nothing. */
  async badges() {
    const found = new Map();
    for (const { name, size } of await this.store.listObjects("keys")) {
      try {
        layout.checkSize({ name, size });
        const badge = badges.read(await this.store.fetchObject(name), this.config.repository, this.config.master, name);
        if (name !== layout.badgeName(badge.keyId)) throw new Damaged(name, "stands under a name that isn't its own");
        found.set(hex(badge.keyId), badge);
      } catch (error) {
        this.problems.push(asDamaged(error));
      }
    }
    return found;
  }

  /** Every act, and what follows from them. */
  async history() {
    const { store, config, key } = this;
    return readHistory(store, config, key, await this.badges());
  }

  /**
   * Every snapshot that is sound in the order in which the store received them, forgotten ones among them, and what is
   * wrong with the rest.
   * @param {import("./history.js").History} history
   * @returns {Promise<{snapshots: snapshots.Snapshot[], problems: import("../errors.js").BackupError[]}>}
   */
  async snapshots(history, signal) {
    const found = [];
    const problems = [...this.problems, ...history.problems];
    const listed = (await this.store.listObjects("snapshots", signal)).sort((one, other) => (one.name < other.name ? -1 : 1));
    const expected = new Map();
    for (const { name, size, received } of listed) {
      const [, writer, number] = name.split("/");
      const sequence = parseInt(number, 16);
      let [due, previous] = expected.get(writer) ?? [1, chain.FIRST];
      if (sequence !== due) {
        for (const [first, count] of history.unexplained(writer, due, sequence))
          problems.push(new Damaged(layout.snapshotName(writer, first), gone(count, "snapshots of its writer")));
        previous = null;
      }
      // A damaged link breaks the chain in one place: the next one is compared with it no more.
      expected.set(writer, [sequence + 1, null]);
      try {
        layout.checkSize({ name, size });
        const snapshot = await this.#snapshot(name, writer, sequence, history.badges, received, signal);
        if (previous !== null && snapshot.previous !== previous) problems.push(new Damaged(name, "doesn't follow the snapshot before it"));
        expected.set(writer, [sequence + 1, snapshot.id]);
        found.push(snapshot);
      } catch (error) {
        // A key of an older epoch still opens what is older.
        if (error instanceof KeyRefused) problems.push(error);
        else if (!(error instanceof Missing)) problems.push(asDamaged(error));
      }
    }
    const refused = problems.find((error) => error instanceof KeyRefused);
    if (refused && !found.length) throw refused;
    return { snapshots: found.sort(inOrder), problems };
  }

  async #snapshot(name, writer, sequence, known, received, signal) {
    const badge = known.get(writer);
    if (!badge) throw new Damaged(name, "signed by a key that the master didn't let in");
    if (badge.role !== WRITER) throw new Damaged(name, "signed by a key that may not save");
    const revoked = this.config.revoked.get(writer);
    if (revoked && sequence > revoked.last) throw new Damaged(name, "signed by a key that was revoked");
    const raw = await this.store.fetchObject(name, 0, undefined, signal);
    return snapshots.read(raw, badge.verify, this.key, name, received);
  }

  /** The bytes of an index. @param {Uint8Array} name */
  index(name, signal) {
    return this.store.fetchObject(layout.indexName(name), 0, undefined, signal);
  }

  /** Whose secrets the blobs of a snapshot are under. @param {snapshots.Snapshot} snapshot */
  audience(snapshot) {
    return configs.audience(this.config, unhex(snapshot.writer));
  }
}

function inOrder(one, other) {
  if (one.received !== other.received) return one.received < other.received ? -1 : 1;
  return one.sequence - other.sequence || (one.writer < other.writer ? -1 : 1);
}

/** What may be wrong with one object hinders no other; all else is thrown. */
export function asDamaged(error) {
  if (error instanceof Damaged) return error;
  if (error instanceof Missing) return new Damaged(error.object, "is gone");
  throw error;
}
