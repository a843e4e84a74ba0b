// One save: sealed to the log key, signed by its writer, chained to the one before (FORMAT.md, section 9).
import { hex } from "../bytes.js";
import { digest, SIGNATURE } from "../crypto/primitives.js";
import { isBytes, isCount, isListOf, isText, shaped, unpack } from "./body.js";
import { HEAD, readHead } from "./chain.js";
import * as layout from "./layout.js";

/**
 * @typedef {{id: string, writer: string, sequence: number, previous: string, source: string, host: string, paths: Uint8Array[],
 *   tags: string[], started: bigint, finished: bigint, root: Uint8Array, depth: number, indexes: Uint8Array[],
 *   files: number, directories: number, others: number, bytes: number, added: number, fresh: number, dense: number,
 *   changed: number, unread: number, notes: Record<string, string>, received: bigint}} Snapshot `received`: by the store's clock
 */

const COUNTS = ["files", "directories", "others", "bytes", "added", "fresh", "dense", "changed", "unread"];
const SHAPE = {
  source: "text", host: "text", paths: isListOf((path) => isBytes(path)), tags: isListOf(isText), started: "time", finished: "time",
  root: "digests", "p?": isCount, indexes: isListOf((index) => isBytes(index, 32)), notes: "map",
  ...Object.fromEntries(COUNTS.map((name) => [name, isCount])),
};

/** A snapshot, verified and opened. Throws Damaged, KeyRefused. @returns {Promise<Snapshot>} */
export async function read(raw, verify, key, name, received) {
  const head = readHead(raw, layout.SNAPSHOT, verify, key.repository, name);
  const opened = await key.unseal("log", head.epoch, "snapshot", raw.subarray(0, HEAD), raw.subarray(HEAD, -SIGNATURE), name);
  const body = shaped(unpack(opened, name), SHAPE, name, "its body lacks a part");
  const { source, host, paths, tags, root, indexes, notes } = body;
  return {
    id: hex(digest(raw)), writer: head.author, sequence: head.sequence, previous: head.previous,
    source, host, paths, tags, started: BigInt(body.started), finished: BigInt(body.finished),
    root, depth: body.p ?? 0, indexes, ...Object.fromEntries(COUNTS.map((count) => [count, body[count]])),
    notes: { ...notes }, received,
  };
}
