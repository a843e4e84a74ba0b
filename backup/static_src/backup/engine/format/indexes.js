// Lists of packs and what is in them (FORMAT.md, section 7).
import { equal } from "../bytes.js";
import { digest } from "../crypto/primitives.js";
import { Damaged } from "../errors.js";
import { declared, decompress, Malformed } from "../zstd/frame.js";
import { ENTRY } from "./blobs.js";
import { isBytes, unpack } from "./body.js";
import * as layout from "./layout.js";

const LARGEST = 256 << 20;

/** @typedef {{name: Uint8Array, size: number, kind: string, entries: Uint8Array}} Listed */

/** What an index lists. Throws Damaged, KeyRefused. @param {Uint8Array} name its digest @returns {Promise<Listed[]>} */
export async function read(raw, name, key) {
  const label = layout.indexName(name);
  if (!equal(digest(raw), name)) throw new Damaged(label, "its bytes aren't those of its name");
  const { epoch } = layout.parse(raw, layout.INDEX, key.repository, label);
  const [prologue, sealed] = [raw.subarray(0, layout.SIZE), raw.subarray(layout.SIZE)];
  return listed(unpacked(await key.unseal("meta", epoch, "index", prologue, sealed, label), label), label);
}

function unpacked(packed, label) {
  try {
    const size = declared(packed);
    if (size === null || size > LARGEST) throw new Damaged(label, "declares more than an index may hold");
    return decompress(packed, size);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Damaged(label, "doesn't unpack");
  }
}

function listed(body, label) {
  const packs = unpack(body, label);
  const sound = ([name, size, kind, entries]) =>
    isBytes(name, 32) && Number.isSafeInteger(size) && (kind === "D" || kind === "T") && isBytes(entries) && entries.length % ENTRY === 0;
  if (!Array.isArray(packs) || !packs.every((pack) => Array.isArray(pack) && pack.length === 4 && sound(pack)))
    throw new Damaged(label, "lists a pack that no writer makes");
  return packs.map(([name, size, kind, entries]) => ({ name, size, kind, entries }));
}
