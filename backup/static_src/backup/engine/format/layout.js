// The 24 bytes that begin every object (FORMAT.md, section 3) and the names objects have in a store (section 2).
import { AES, CHACHA } from "../crypto/aead.js";
import { concat, equal, hex, little, utf8, view } from "../bytes.js";
import { Damaged } from "../errors.js";

export const SIZE = 24;
const VERSION = 1;
export const SUITES = [AES, CHACHA];
export const CONFIG = "C", BADGE = "K", KEYFILE = "F", DATA_PACK = "D", META_PACK = "T", INDEX = "I", SNAPSHOT = "S", ACT = "A";

/**
 * @typedef {{kind: string, suite: number, epoch: number, repository: Uint8Array}} Prologue
 * @typedef {{name: string, size: number, received: bigint}} Listed `received`: nanoseconds since 1970 by the store's clock
 */

/** @param {string} kind @param {Uint8Array} repository @param {number} suite */
export const prologue = (kind, repository, suite, epoch = 0) =>
  concat(utf8("SBK"), Uint8Array.of(VERSION), utf8(kind), Uint8Array.of(suite), little(epoch, 2), repository);

/**
 * The prologue of an object of one of these kinds, in this repository. Throws Damaged with the reason otherwise.
 * @param {Uint8Array} data @param {string} kinds @param {Uint8Array | null} repository @returns {Prologue}
 */
export function parse(data, kinds, repository, name) {
  if (data.length < SIZE) throw new Damaged(name, "shorter than a prologue");
  const [version, letter, suite] = data.subarray(3, 6);
  const owner = data.slice(8, SIZE);
  if (!equal(data.subarray(0, 3), utf8("SBK"))) throw new Damaged(name, "not an object of a backup repository");
  if (version !== VERSION || !SUITES.includes(suite))
    throw new Damaged(name, `version ${version}, suite ${suite} aren't known to this program`);
  const kind = String.fromCharCode(letter);
  if (!kinds.includes(kind)) throw new Damaged(name, `of kind '${kind}' where '${kinds}' is due`);
  if (repository && !equal(owner, repository)) throw new Damaged(name, "belongs to another repository");
  return { kind, suite, epoch: view(data).getUint16(6, true), repository: owner };
}

const NAME =
  /^(config\/[0-9a-f]{8}|keys\/[0-9a-f]{32}|packs\/[0-9a-f]{2}\/[0-9a-f]{64}|index\/[0-9a-f]{64}|manifests\/[0-9a-f]{32}\/[0-9a-f]{64}|(snapshots|acts)\/[0-9a-f]{32}\/[0-9a-f]{16})$/;

/** A reader ignores names it doesn't know. */
export const isName = (name) => NAME.test(name);

/** Bytes that an object of each folder has at most: nobody is made to read more before he knows whose it is. */
const LARGEST = {
  config: 16 << 20, keys: 1 << 20, packs: 256 << 20, index: 256 << 20, manifests: 256 << 20, snapshots: 16 << 20, acts: 64 << 20,
};

/** @param {string} name */
export const largest = (name) => LARGEST[name.slice(0, name.indexOf("/"))];

/** Throws Damaged for an object that is larger than any that a writer makes. @param {Listed} listed */
export function checkSize({ name, size }) {
  if (size > largest(name)) throw new Damaged(name, "is larger than any object of its kind");
}

export const configName = (number) => `config/${number.toString(16).padStart(8, "0")}`;
export const badgeName = (keyId) => `keys/${hex(keyId)}`;
export const packName = (digest) => `packs/${hex(digest.subarray(0, 1))}/${hex(digest)}`;
export const indexName = (digest) => `index/${hex(digest)}`;
export const snapshotName = (writer, sequence) => `snapshots/${writer}/${sequence.toString(16).padStart(16, "0")}`;
export const actName = (keyId, sequence) => `acts/${keyId}/${sequence.toString(16).padStart(16, "0")}`;
