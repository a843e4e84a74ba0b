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

function isSound(node) {
  if (!isBytes(node.n) || !isName(node.n) || !isText(node.t) || !isCount(node.m) || !isTime(node.mt)) return false;
  if ("p" in node && !(isCount(node.p) && node.p <= DEEPEST_LIST)) return false;
  if ("a" in node && !(isMap(node.a) && Object.values(node.a).every(isText))) return false;
  if (node.t === LINK) return isBytes(node.l);
  if (node.t === DIRECTORY) return isIds(node.c);
  return node.t !== FILE || (isIds(node.c) && isCount(node.s) && hasHash(node) && (!("e" in node) || areExtents(node.e, node.s)));
}

function isName(name) {
  const dots = name.length <= 2 && name.every((byte) => byte === DOT);
  return name.length > 0 && !dots && !name.includes(SLASH) && !name.includes(0);
}

const isIds = (value) => isBytes(value) && value.length % 32 === 0;

/** Of one piece or none the id says as much as a hash. */
const hasHash = ({ h, c, p }) => isBytes(h, 32) || (h === undefined && c.length <= 32 && !p);

function areExtents(extents, size) {
  let end = 0;
  const follows = ([offset, length]) => isCount(offset) && isCount(length) && offset >= end && (end = offset + length) <= size;
  return Array.isArray(extents) && extents.every((each) => Array.isArray(each) && each.length === 2 && follows(each));
}
