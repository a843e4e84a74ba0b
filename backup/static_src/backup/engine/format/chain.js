// What snapshots and acts have in common: signed, numbered, each naming the one before (FORMAT.md, section 9).
import { hex, view } from "../bytes.js";
import { checkSigned } from "../crypto/primitives.js";
import { Damaged } from "../errors.js";
import { keyId } from "./keys.js";
import * as layout from "./layout.js";

export const HEAD = layout.SIZE + 56;
export const FIRST = hex(new Uint8Array(32));
const NAMED = { [layout.SNAPSHOT]: layout.snapshotName, [layout.ACT]: layout.actName };

/**
 * The head, once the author's key is seen to have signed the whole; needs no key that opens anything. Throws Damaged.
 * @returns {{author: string, sequence: number, previous: string, epoch: number}} ids in hex
 */
export function readHead(raw, kind, verify, repository, name) {
  const { epoch } = layout.parse(raw, kind, repository, name);
  if (checkSigned(verify, raw, name).length < HEAD) throw new Damaged(name, "cut");
  const author = hex(raw.subarray(layout.SIZE, layout.SIZE + 16));
  const sequence = Number(view(raw).getBigUint64(layout.SIZE + 16, true));
  // Beyond what a number holds exactly, one would pass for another.
  if (!Number.isSafeInteger(sequence) || author !== hex(keyId(verify)) || name !== NAMED[kind](author, sequence))
    throw new Damaged(name, "stands under a name that isn't its own");
  return { author, sequence, previous: hex(raw.subarray(HEAD - 32, HEAD)), epoch };
}
