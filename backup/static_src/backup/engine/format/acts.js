// What is said of snapshots and packs after they were written (FORMAT.md, section 10).
import { hex, view } from "../bytes.js";
import { digest, SIGNATURE } from "../crypto/primitives.js";
import { Damaged } from "../errors.js";
import { isBytes, isCount, isListOf, isText, shaped, split, unpack } from "./body.js";
import { HEAD, readHead } from "./chain.js";
import { LISTER, MASTER, PRUNER, READER, VERIFIER } from "./keys.js";
import * as layout from "./layout.js";

const KEEPERS = [MASTER, PRUNER], HEALERS = [...KEEPERS, VERIFIER], WATCHERS = [...HEALERS, READER, LISTER];
/** Who may say what. */
const MAY = {
  condemned: HEALERS, spared: HEALERS, moved: HEALERS, leaving: KEEPERS,
  forget: KEEPERS, recall: KEEPERS, release: KEEPERS, tag: KEEPERS, hold: WATCHERS,
};
const digests = (value) => isBytes(value) && value.length % 32 === 0;
const pair = (one, other) => (value) => Array.isArray(value) && value.length === 2 && one(value[0]) && other(value[1]);
const which = ([writer, sequence, id]) => isBytes(writer, 16) && isCount(sequence) && isBytes(id, 32);
const whiches = (value) => Array.isArray(value) && value.every((each) => Array.isArray(each) && which(each));
const id = (value) => isBytes(value, 32);
const CLEAR = { "condemned?": "digests", "spared?": "digests", "leaving?": "digests", "moved?": isListOf(pair(digests, digests)) };
const SAID = {
  "time?": "time", "why?": "text", "forget?": whiches, "recall?": whiches, "hold?": isListOf(id), "release?": isListOf(id),
  "tag?": isListOf(pair(id, isListOf(isText))),
};

/**
 * @typedef {[writer: string, sequence: number, id: string]} Which
 * @typedef {{id: string, author: string, sequence: number, previous: string, received: bigint, condemned: string[], spared: string[],
 *   leaving: string[], moved: [string[], string[]][], time: bigint, why: string, forget: Which[], recall: Which[], hold: string[],
 *   release: string[], tag: [string, string[]][]}} Act ids in hex
 */

/** An act, verified, and opened as far as the key can. Throws Damaged. @returns {Promise<Act>} */
export async function read(raw, verify, key, name, received) {
  const head = readHead(raw, layout.ACT, verify, key.repository, name);
  const start = HEAD + 4;
  if (raw.length < start + SIGNATURE) throw new Damaged(name, "cut");
  const end = start + view(raw).getUint32(HEAD, true);
  if (end > raw.length - SIGNATURE) throw new Damaged(name, "cut");
  const clear = shaped(unpack(raw.subarray(start, end), name), CLEAR, name);
  let said = {};
  if (key.canOpen("log", head.epoch)) {
    const opened = await key.unseal("log", head.epoch, "act", raw.subarray(0, end), raw.subarray(end, -SIGNATURE), name);
    said = shaped(unpack(opened, name), SAID, name);
  }
  const names = (value) => split(value ?? new Uint8Array()).map(hex);
  const whom = (value) => (value ?? []).map(([writer, sequence, snapshot]) => [hex(writer), sequence, hex(snapshot)]);
  return {
    ...head, id: hex(digest(raw)), received,
    condemned: names(clear.condemned), spared: names(clear.spared), leaving: names(clear.leaving),
    moved: (clear.moved ?? []).map(([old, now]) => [names(old), names(now)]),
    time: BigInt(said.time ?? 0), why: said.why ?? "",
    forget: whom(said.forget), recall: whom(said.recall), hold: (said.hold ?? []).map(hex), release: (said.release ?? []).map(hex),
    tag: (said.tag ?? []).map(([snapshot, tags]) => [hex(snapshot), tags]),
  };
}

/** What a key of this role may not say. @param {Act} act */
export const overstepped = (role, act) => Object.keys(MAY).filter((what) => act[what].length && !MAY[what].includes(role)).sort();
