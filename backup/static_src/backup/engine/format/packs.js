// Packs: many blobs in one object, so that a store sees few, and their sizes tell little (FORMAT.md, section 6).
import { concat, pieces, utf8, view } from "../bytes.js";
import { aead } from "../crypto/aead.js";
import { Damaged } from "../errors.js";
import * as layout from "./layout.js";

const SEAL = 80, KEY = 2 + SEAL;
const COUNT = layout.SIZE + SEAL, KEYS = COUNT + 2;
/** Where the blobs begin in a pack with one key, and what to read first of any pack. */
export const START = KEYS + KEY;

/** @typedef {{kind: string, epoch: number, keys: Uint8Array[]}} Start What stands before the blobs: the keys, sealed. */

/** @param {(offset: number, length: number) => Promise<Uint8Array>} read a part of the pack @returns {Promise<Start>} */
export async function readStart(read, repository, name) {
  let raw = await read(0, START);
  const { kind, epoch } = layout.parse(raw, layout.DATA_PACK + layout.META_PACK, repository, name);
  const count = raw.length >= KEYS ? view(raw).getUint16(COUNT, true) : 0;
  if (count > 1) raw = concat(raw, await read(START, KEY * (count - 1)));
  if (!count || raw.length !== KEYS + KEY * count) throw new Damaged(name, "the pack is cut");
  return { kind, epoch, keys: [...pieces(raw.subarray(KEYS), KEY)] };
}

/** Throws Damaged for an epoch that the repository hasn't had: no key is to be blamed for that. @param {Start} start */
export function checkEpochs({ epoch, keys }, config, name) {
  if (Math.max(epoch, ...keys.map(epochOf)) >= config.epochs.length)
    throw new Damaged(name, "names an epoch that the repository doesn't have");
}

const epochOf = (key) => view(key).getUint16(0, true);

/** The cipher of the blobs under one of a pack's keys. Throws KeyRefused, Damaged. @param {Start} start */
export async function openKey({ kind, keys }, number, key, name) {
  if (number >= keys.length) throw new Damaged(name, "a blob names a key that the pack doesn't have");
  const part = kind === layout.DATA_PACK ? "data" : "meta";
  const opened = await key.unseal(part, epochOf(keys[number]), "blob key", concat(key.repository, utf8(kind)), keys[number].subarray(2), name);
  if (opened.length !== 32) throw new Damaged(name, "a blob key isn't one");
  return aead(key.suite, opened);
}
