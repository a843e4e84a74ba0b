// Directories as blobs (FORMAT.md, section 8).
import { Damaged } from "../errors.js";
import { isBytes, isCount, isMap, isText, isTime, unpack } from "./body.js";

export const FILE = "f", DIRECTORY = "d", LINK = "l";
export const DEEPEST_LIST = 4;
const SLASH = 0x2f, DOT = 0x2e;

/**
 * A node with its fields as FORMAT.md names them; `n` in bytes.
 * @typedef {{n: Uint8Array, t: string, m: number, mt: number | bigint, s?: number, c?: Uint8Array, p?: number, h?: Uint8Array,
 *   e?: [number, number][], l?: Uint8Array, a?: Record<string, string>}} Node
 */

/**
 * The nodes of a tree blob. Throws Damaged for a name that could lead out of its directory or hides another.
 * @param {Uint8Array | null} after the last name of the blob before it in the same directory @returns {Node[]}
 */
export function parse(content, after, name) {
  const nodes = unpack(content, name);
  if (!Array.isArray(nodes)) throw new Damaged(name, "a tree isn't a list");
  for (const node of nodes) {
    if (!isMap(node) || !isSound(node)) throw new Damaged(name, "a tree holds a node that no writer makes");
    if (after && compare(node.n, after) <= 0) throw new Damaged(name, "the names of a tree aren't in order");
    after = node.n;
  }
  return nodes;
}

/** By their bytes, as the names of a directory ascend. */
export function compare(one, other) {
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at++) if (one[at] !== other[at]) return one[at] - other[at];
  return one.length - other.length;
}

const KNOWN = {
  n: isBytes, t: isText, m: isCount, mt: isTime, at: isTime, u: isCount, g: isCount, un: isText, gn: isText, x: Array.isArray,
  s: isCount, c: isIds, p: (depth) => isCount(depth) && depth <= DEEPEST_LIST, h: (hash) => isBytes(hash, 32), e: Array.isArray,
  i: isTime, l: isBytes, r: Array.isArray, a: isMap,
};

function isSound(node) {
  for (const key in node) if (Object.hasOwn(KNOWN, key) && !KNOWN[key](node[key])) return false;
  const { n, t, m, mt } = node;
  if (n === undefined || !isName(n) || t === undefined || m === undefined || m > 0o7777 || mt === undefined) return false;
  if (t === LINK) return Boolean(node.l?.length) && !node.l.includes(0);
  if (t === DIRECTORY) return "c" in node;
  return t !== FILE || ("c" in node && "s" in node && hasHash(node) && (!("e" in node) || areExtents(node.e, node.s)));
}

function isName(name) {
  const dots = name.length <= 2 && name.every((byte) => byte === DOT);
  return name.length > 0 && !dots && !name.includes(SLASH) && !name.includes(0);
}

function isIds(value) {
  return isBytes(value) && value.length % 32 === 0;
}

/** Whether a file is one piece or none: then the id of it is what proves the content, and there is no `h`. */
export const isOnePiece = ({ c, p }) => c.length <= 32 && !p;

const hasHash = (node) => "h" in node || isOnePiece(node);

function areExtents(extents, size) {
  let end = 0;
  const follows = ([offset, length]) => isCount(offset) && isCount(length) && offset >= end && length > 0 && (end = offset + length) <= size;
  return extents.every((each) => Array.isArray(each) && each.length === 2 && follows(each));
}
