// Two snapshots side by side (backup/engine/reading/diff.py): folders with equal trees aren't even read.
import { equal, hex } from "../bytes.js";
import { Blake3 } from "../crypto/blake3.js";
import { Damaged } from "../errors.js";
import { toText } from "../format/names.js";
import { compare as inOrder, DIRECTORY, FILE } from "../format/trees.js";
import { content } from "./files.js";
import { asDamaged } from "./repository.js";
import { nodes, root } from "./tree.js";

export const ADDED = "added", REMOVED = "removed", CONTENT = "content", METADATA = "metadata", KIND = "kind";
const OF_CONTENT = ["s", "c", "p", "h", "e", "l", "r"];
const OF_METADATA = ["m", "mt", "u", "g", "un", "gn", "x", "a"];
/** The time of a folder changes with every name in it, and those are told. */
const OF_FOLDERS = OF_METADATA.filter((key) => key !== "mt");
const DEEPEST = 2048;

/** @typedef {{path: string, what: string, before: object | null, after: object | null, fields: string[]}} Change nodes, and which of their keys differ */

/**
 * Every change from one snapshot to another; null now and then where nothing changed, so that who waits can be told.
 * What can't be read is told to `trouble`, and the rest is compared.
 * @param {import("./catalogue.js").Catalogue} before @param {import("./catalogue.js").Catalogue} after
 * @param {(path: string, error: Damaged) => void} trouble @returns {AsyncGenerator<Change | null>}
 */
export async function* compare(before, after, trouble, signal) {
  // From one isolated writer to the next equal ids don't mean equal contents, nor others other ones.
  const audiences = [before, after].map((one) => hex(one.repository.audience(one.snapshot) ?? new Uint8Array()));
  const comparable = audiences[0] === audiences[1];
  let left = limit(before) + limit(after);
  const waiting = [["", root(before), root(after), 0]];
  while (waiting.length) {
    const [path, old, now, depth] = waiting.pop();
    if (old && now && comparable && !differing(old, now, ["c", "p"]).length) continue;
    const below = [];
    try {
      if (depth > DEEPEST) throw new Damaged(path, `lies more than ${DEEPEST} directories deep`);
      for await (const [one, other] of merged(before, old, after, now, signal)) {
        signal?.throwIfAborted();
        if ((left -= 1) < 0) break;
        const place = path + toText((other ?? one).n);
        yield await pair(place, one, other);
        const [was, is] = [one, other].map((node) => (node?.t === DIRECTORY ? node : null));
        if (was || is) below.push([`${place}/`, was, is, depth + 1]);
      }
    } catch (error) {
      trouble(path, asDamaged(error));
    }
    waiting.push(...below.reverse());
    if (left < 0) return trouble("", new Damaged("tree", "holds far more than its snapshot says"));
  }

  async function pair(path, one, other) {
    const change = (what, fields = []) => ({ path, what, before: one, after: other, fields });
    if (!one || !other) return change(one ? REMOVED : ADDED);
    if (one.t !== other.t) return change(KIND, ["t"]);
    const isFolder = one.t === DIRECTORY;
    const metadata = differing(one, other, isFolder ? OF_FOLDERS : OF_METADATA);
    let held = [];
    try {
      held = isFolder ? [] : await contents(path, one, other);
    } catch (error) {
      trouble(path, asDamaged(error));
    }
    if (held.length) return change(CONTENT, [...held, ...metadata]);
    return metadata.length ? change(METADATA, metadata) : null;
  }

  async function contents(path, one, other) {
    if (comparable || one.t !== FILE) return differing(one, other, OF_CONTENT);
    const fields = differing(one, other, ["s", "e"]);
    if (fields.length) return fields;
    return equal(await digestOf(before, one, path, signal), await digestOf(after, other, path, signal)) ? [] : ["h"];
  }
}

/** Few blobs can name each other so that there is no end to them. */
const limit = ({ snapshot: { files, directories, others } }) => 2 * (files + directories + others) + 1000;

/** The names of two folders side by side: both come in order. */
async function* merged(before, old, after, now, signal) {
  const ones = old ? nodes(before, old, signal) : [][Symbol.iterator]();
  const others = now ? nodes(after, now, signal) : [][Symbol.iterator]();
  let [one, other] = [await ones.next(), await others.next()];
  while (!one.done || !other.done) {
    const order = one.done ? 1 : other.done ? -1 : inOrder(one.value.n, other.value.n);
    yield [order <= 0 ? one.value : null, order >= 0 ? other.value : null];
    if (order <= 0) one = await ones.next();
    if (order >= 0) other = await others.next();
  }
}

/** The hash of a content; of a file in one piece, whose node doesn't have it, it takes reading. */
async function digestOf(catalogue, node, path, signal) {
  if (node.h) return node.h;
  const hash = new Blake3();
  for await (const part of content(catalogue, node, path, signal)) hash.update(part);
  return hash.digest();
}

const differing = (one, other, keys) => keys.filter((key) => !same(one[key], other[key]));

/** Whether two values of a node are the same, whatever they hold. */
function same(one, other) {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (one instanceof Uint8Array || other instanceof Uint8Array)
    return one instanceof Uint8Array && other instanceof Uint8Array && equal(one, other);
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return keys.length === others.length && keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]));
}
