// CRC-32 as zip wants it, eight bytes at a step.
const TABLES = Array.from({ length: 8 }, () => new Int32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  TABLES[0][byte] = value;
}
for (let table = 1; table < 8; table++)
  for (let byte = 0; byte < 256; byte++) {
    const before = TABLES[table - 1][byte];
    TABLES[table][byte] = (before >>> 8) ^ TABLES[0][before & 255];
  }
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES;

/** The sum of what came before (0 at first) and of these bytes. @param {Uint8Array} bytes */
export function crc32(bytes, before = 0) {
  let sum = ~before;
  let at = 0;
  for (const stop = bytes.length - 7; at < stop; at += 8) {
    sum ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    sum =
      T7[sum & 255] ^ T6[(sum >>> 8) & 255] ^ T5[(sum >>> 16) & 255] ^ T4[sum >>> 24] ^
      T3[bytes[at + 4]] ^ T2[bytes[at + 5]] ^ T1[bytes[at + 6]] ^ T0[bytes[at + 7]];
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ T0[(sum ^ bytes[at]) & 255];
  return ~sum >>> 0;
}
