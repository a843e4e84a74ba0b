// The blobs of one snapshot: those its own indexes list (or what was put in their place), and no other.
import { hex, unhex } from "../bytes.js";
import { Damaged } from "../errors.js";
import * as blobs from "../format/blobs.js";
import * as indexes from "../format/indexes.js";
import * as layout from "../format/layout.js";
import { checkEpochs, openKey, readStart } from "../format/packs.js";
import { DEEPEST_LIST } from "../format/trees.js";
import { Places } from "./places.js";
import { asDamaged } from "./repository.js";
import { Windows } from "./windows.js";

const KEPT = 4096;
const AT_ONCE = 4;
const KINDS = { [blobs.DATA]: layout.DATA_PACK, [blobs.TREE]: layout.META_PACK, [blobs.LIST]: layout.META_PACK };

export class Catalogue {
  /** Indexes that are gone or damaged. @type {Damaged[]} */
  missing = [];
  #places = new Places();
  #windows;
  #starts = new Map();
  #ciphers = new Map();

  /** Throws KeyRefused where the key can't open the indexes. */
  static async open(repository, snapshot, history, { signal, progress = () => {} } = {}) {
    const catalogue = new Catalogue(repository, snapshot);
    const names = history.instead(snapshot.indexes.map(hex));
    let done = 0;
    const load = async () => {
      while (names.length) {
        await catalogue.#load(unhex(names.shift()), signal);
        progress((done += 1), snapshot.indexes.length);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, load));
    return catalogue;
  }

  constructor(repository, snapshot) {
    Object.assign(this, { repository, snapshot });
    this.#windows = new Windows(repository.store);
    const writer = repository.audience(snapshot);
    const known = ["id data", "id meta"].filter((secret) => secret in repository.key.shared);
    this.secrets = Object.fromEntries(known.map((secret) => [secret, repository.key.knows(secret, writer)]));
  }

  /** Every place of a blob; none if it isn't there. @param {Uint8Array} id */
  places(id) {
    return [...this.#places.find(id)];
  }

  /** The content of a blob, from the first copy that is sound. Throws Damaged. @param {import("./places.js").Place} [tried] */
  async read(id, type, signal, tried, trouble) {
    for (const place of this.places(id)) {
      if (tried && place.entry.offset === tried.entry.offset && hex(place.pack) === hex(tried.pack)) continue;
      try {
        return await this.decode(place, type, await this.#stored(place, signal));
      } catch (error) {
        trouble ??= asDamaged(error);
      }
    }
    throw trouble ?? new Damaged(`blob ${hex(id).slice(0, 16)}`, "no index of the snapshot lists it");
  }

  /** The content of a blob whose stored bytes were read already. Throws Damaged, Missing. */
  async decode({ pack, kind, entry }, type, stored) {
    const name = layout.packName(pack);
    if (entry.type !== type || kind !== KINDS[type]) throw new Damaged(name, "a blob is of another type than its place calls for");
    const secret = this.secrets[type === blobs.DATA ? "id data" : "id meta"];
    // A key that lacks the secret says so itself.
    if (!secret) this.repository.key.knows(type === blobs.DATA ? "id data" : "id meta");
    const cipher = await this.#cipher(pack, kind, entry.key);
    return blobs.decrypt(cipher, this.repository.config.repository, entry, stored, secret, name);
  }

  /** Every id of a content in order, through its lists. @param {Uint8Array} ids @returns {AsyncGenerator<Uint8Array>} */
  async *unfold(ids, depth, signal) {
    if (ids.length % 32 || depth > DEEPEST_LIST) throw new Damaged("tree", "a list of ids is malformed");
    for (let at = 0; at < ids.length; at += 32) {
      const id = ids.subarray(at, at + 32);
      if (depth) yield* this.unfold(await this.read(id, blobs.LIST, signal), depth - 1, signal);
      else yield id;
    }
  }

  async #load(name, signal) {
    try {
      const raw = await this.repository.index(name, signal);
      for (const pack of await indexes.read(raw, name, this.repository.key)) this.#places.add(pack);
    } catch (error) {
      this.missing.push(asDamaged(error));
    }
  }

  #stored({ pack, kind, entry }, signal) {
    return this.#part(layout.packName(pack), kind, entry.offset, entry.stored, signal);
  }

  #part(name, kind, offset, length, signal) {
    if (kind === layout.META_PACK) return this.#windows.read(name, offset, length);
    return this.repository.store.fetchObject(name, offset, length, signal);
  }

  #cipher(pack, kind, number) {
    const name = layout.packName(pack);
    const start = kept(this.#starts, name, async () => {
      const read = await readStart((offset, length) => this.#part(name, kind, offset, length), this.repository.config.repository, name);
      checkEpochs(read, this.repository.config, name);
      if (read.kind !== kind) throw new Damaged(name, "is a pack of another kind than its blobs");
      return read;
    });
    return kept(this.#ciphers, `${name} ${number}`, async () => openKey(await start, number, this.repository.key, name));
  }
}

/** What is asked for again and again, made once; what failed is forgotten. */
function kept(cache, label, make) {
  let value = cache.get(label);
  if (!value) {
    value = make();
    cache.set(label, value);
    value.catch(() => cache.delete(label));
    if (cache.size > KEPT) cache.delete(cache.keys().next().value);
  }
  return value;
}

