// The header of a sealed file and its sizes (backup/engine/SEALED.md).
import { concat, equal, little, utf8, view } from "../bytes.js";
import { Damaged } from "../errors.js";

export const HEADER = 64, BLOCK = 1 << 20, TAG = 16;
/** What is sent at once: the same bytes each time, so that a broken transfer goes on. */
export const FRAGMENT = 8 * BLOCK;
export const LINK = 0, LINK_AND_PASSPHRASE = 1;
export const SECRET = 32;
const MAGIC = utf8("SBS"), VERSION = 1;
const SALT = 16, COST = 48;
const LEAST = 4096;
const MOST = { memory: 1 << 20, passes: 16, lanes: 16 };
const NO_COST = { memory: 0, passes: 0, lanes: 0 };
export const NAME = "sealed file";

/** @typedef {{mode: number, size: number, salt: Uint8Array, cost: {memory: number, passes: number, lanes: number}, raw: Uint8Array}} Header */

/** @param {number} size of the whole object @param {Uint8Array} salt 32 bytes @param {Header["cost"]} [cost] with a passphrase */
export function writeHeader(size, salt, cost) {
  const { memory, passes, lanes } = cost ?? NO_COST;
  const mode = cost ? LINK_AND_PASSPHRASE : LINK;
  const start = concat(MAGIC, Uint8Array.of(VERSION, mode, 0, 0, 0), little(size, 8), salt);
  return concat(start, little(memory, 4), little(passes, 4), little(lanes, 4), new Uint8Array(4));
}

/** Throws Damaged. @param {Uint8Array} raw @returns {Header} */
export function readHeader(raw) {
  if (raw.length < HEADER || !equal(raw.subarray(0, 3), MAGIC)) throw new Damaged(NAME, "isn't one");
  const mode = raw[4];
  if (raw[3] !== VERSION || mode > LINK_AND_PASSPHRASE) throw new Damaged(NAME, "made by a newer program");
  const fields = view(raw);
  const size = Number(fields.getBigUint64(8, true));
  const [memory, passes, lanes] = [0, 4, 8].map((at) => fields.getUint32(COST + at, true));
  const zeros = [5, 6, 7, 60, 61, 62, 63];
  if (!Number.isSafeInteger(size) || size < LEAST || size % BLOCK !== 0 && size % BLOCK < TAG || zeros.some((at) => raw[at]))
    throw new Damaged(NAME, "its header is malformed");
  if (mode === LINK ? memory || passes || lanes : !passes || !lanes || memory < 8 * lanes)
    throw new Damaged(NAME, "its header is malformed");
  if (memory > MOST.memory || passes > MOST.passes || lanes > MOST.lanes)
    throw new Damaged(NAME, "asks for more memory or time than a sealed file may");
  return { mode, size, salt: raw.slice(SALT, COST), cost: { memory, passes, lanes }, raw: raw.slice(0, HEADER) };
}

export const blocks = (size) => Math.ceil(size / BLOCK);

/** How much clear text an object of a size holds. */
export const capacity = (size) => size - HEADER - TAG * blocks(size);

/** The size of the object for so much clear text: one of few that are near (Padmé), so that it tells little. */
export function padded(clear) {
  let size = HEADER + TAG + clear;
  while (capacity(size) < clear) size += TAG;
  return padme(Math.max(size, LEAST));
}

/** Nikitin et al., PoPETs 2019(4), algorithm 1. @param {number} length */
export function padme(length) {
  const exponent = BigInt(length).toString(2).length - 1;
  const mask = (1n << BigInt(Math.max(exponent - exponent.toString(2).length, 0))) - 1n;
  return Number((BigInt(length) + mask) & ~mask);
}

/** Where block `number` lies in the object: its ciphertext, without the header. */
export const span = (number, size) => [number ? number * BLOCK : HEADER, Math.min((number + 1) * BLOCK, size)];

/** Where the clear text of block `number` begins, and how long it is. */
export function clearSpan(number, size) {
  const [start, stop] = span(number, size);
  return [number ? number * (BLOCK - TAG) - HEADER : 0, stop - start - TAG];
}
