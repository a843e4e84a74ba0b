// Bytes: side by side, as numbers, as hex and as text.
const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** @param {...Uint8Array} parts */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two byte strings are the same; not for secrets. */
export const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (byte) => HEX[byte]).join("");

/** @param {string} text lower-case hex */
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** @param {string} text */
export const utf8 = (text) => encoder.encode(text);

/** The text that these bytes are. Throws TypeError where they aren't UTF-8. */
export const text = (bytes) => strict.decode(bytes);

/** A little-endian number of so many bytes. @param {number | bigint} value */
export function little(value, size) {
  const bytes = new Uint8Array(size);
  for (let at = 0, rest = BigInt(value); at < size; at++, rest >>= 8n) bytes[at] = Number(rest & 255n);
  return bytes;
}

export const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** As many random bytes from the browser's own generator. */
export const random = (size) => crypto.getRandomValues(new Uint8Array(size));

/** In pieces of a size; the last may be shorter. */
export function* pieces(bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
