// Bodies: msgpack that is verified but not trusted, held to the shape that FORMAT.md gives it.
import { Damaged } from "../errors.js";
import { decode } from "../msgpack.js";

/** Throws Damaged. */
export function unpack(data, name) {
  try {
    return decode(data);
  } catch {
    throw new Damaged(name, "isn't readable msgpack");
  }
}

export const isBytes = (value, size) => value instanceof Uint8Array && (size === undefined || value.length === size);
export const isText = (value) => typeof value === "string";
export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
export const isTime = (value) => typeof value === "bigint" || Number.isSafeInteger(value);
export const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !isBytes(value);
export const isListOf = (is) => (value) => Array.isArray(value) && value.every((each) => is(each));
const digests = (value) => isBytes(value) && value.length % 32 === 0;

/** Each key with what its value must be. */
const KNOWN = { bytes: isBytes, text: isText, count: isCount, time: isTime, map: isMap, digests, flag: (value) => typeof value === "boolean" };

/**
 * The map, if each key of `shape` holds what is due: a word of KNOWN, a size in bytes or a test. A name that ends in `?` may be absent.
 * @param {Record<string, string | number | ((value: unknown) => boolean)>} shape
 */
export function shaped(map, shape, name, why = "its body is malformed") {
  if (!isMap(map)) throw new Damaged(name, why);
  for (const [key, due] of Object.entries(shape)) {
    const known = key.endsWith("?") ? key.slice(0, -1) : key;
    if (known !== key && !(known in map)) continue;
    const is = typeof due === "number" ? (value) => isBytes(value, due) : (KNOWN[due] ?? due);
    if (!is(map[known])) throw new Damaged(name, why);
  }
  return map;
}

/** A list of 32-byte names, one after the other. */
export const split = (bytes) => Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(at * 32, at * 32 + 32));
