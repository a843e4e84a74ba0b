// One blob: content under an id, compressed where that pays, encrypted for its pack (FORMAT.md, section 6).
import { concat, equal, hex, little } from "../bytes.js";
import { DoesntOpen } from "../crypto/aead.js";
import { blake3 } from "../crypto/blake3.js";
import { Damaged } from "../errors.js";
import { decompress, Malformed } from "../zstd/frame.js";

export const DATA = 1, TREE = 2, LIST = 3;
export const RAW = 0, ZSTD = 1;
export const LARGEST = 16 << 20;
export const ENTRY = 52;

/**
 * Where a blob lies in its pack and how it is stored.
 * @typedef {{id: Uint8Array, offset: number, stored: number, length: number, counter: number, key: number, type: number, method: number}} Entry
 */

/** @param {DataView} view of an entry as it stands in a header, at `at` @returns {Entry} */
export function entry(view, at) {
  return {
    id: new Uint8Array(view.buffer, view.byteOffset + at, 32).slice(),
    offset: view.getUint32(at + 32, true), stored: view.getUint32(at + 36, true), length: view.getUint32(at + 40, true),
    counter: view.getUint32(at + 44, true), key: view.getUint16(at + 48, true), type: view.getUint8(at + 50), method: view.getUint8(at + 51),
  };
}

/**
 * The content of a blob, verified by its tag and by its id (under `key`). Throws Damaged.
 * @param {import("../crypto/aead.js").Aead} cipher @param {Entry} entry @param {Uint8Array} stored
 */
export async function decrypt(cipher, repository, entry, stored, key, name) {
  const { id, length, counter, type, method } = entry;
  if (length > LARGEST || stored.length !== entry.stored) throw new Damaged(name, "a blob is cut or too long");
  const aad = concat(repository, Uint8Array.of(type, method), little(length, 4), id);
  const nonce = concat(new Uint8Array(4), little(counter, 8));
  let content;
  try {
    const body = await cipher.decrypt(nonce, stored, aad);
    content = method === RAW ? body : decompress(body, length);
  } catch (error) {
    if (!(error instanceof DoesntOpen || error instanceof Malformed)) throw error;
    throw new Damaged(name, `blob ${hex(id).slice(0, 16)} doesn't open`);
  }
  if (method > ZSTD || content.length !== length || !equal(blake3(content, key), id))
    throw new Damaged(name, `blob ${hex(id).slice(0, 16)} isn't what its id says`);
  return content;
}
