// The `crypto` of page scripts: SHA-256 and CRC-32 of texts, and identifiers that follow from the seed.

const round = (fraction) => Math.floor((fraction - Math.floor(fraction)) * 4294967296) | 0;
const turn = (word, by) => (word >>> by) | (word << (32 - by));

function primes(count) {
  const found = [];
  for (let number = 2; found.length < count; number++)
    if (found.every((prime) => number % prime)) found.push(number);
  return found;
}

/** The UTF-8 bytes of a text. */
export function utf8(text) {
  const bytes = [];
  for (const sign of String(text)) {
    const code = sign.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}

/** FIPS 180-4. */
export function sha256(text) {
  const first = primes(64);
  const constants = first.map((prime) => round(Math.cbrt(prime)));
  const state = first.slice(0, 8).map((prime) => round(Math.sqrt(prime)));
  const bytes = utf8(text);
  const bits = bytes.length * 8;
  bytes.push(0x80);
  while (bytes.length % 64 !== 56) bytes.push(0);
  for (let shift = 56; shift >= 0; shift -= 8) bytes.push(Math.floor(bits / 2 ** shift) & 255);
  for (let at = 0; at < bytes.length; at += 64) {
    const words = [];
    for (let i = 0; i < 16; i++) {
      const from = at + i * 4;
      words.push((bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3]);
    }
    for (let i = 16; i < 64; i++) {
      const [a, b] = [words[i - 15], words[i - 2]];
      const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
      const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
      words.push((words[i - 16] + low + words[i - 7] + high) | 0);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
      const other = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [a, b, c, d, e, f, g, h] = [(one + other) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) | 0));
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

export function crc32(text) {
  let sum = -1;
  for (const byte of utf8(text)) {
    sum ^= byte;
    for (let i = 0; i < 8; i++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ -1) >>> 0;
}

export function makeCrypto(random) {
  const digits = (count) => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
  const Sha256 = (text) => sha256(text);
  Sha256.async = async (text) => sha256(text);
  return {
    Sha256,
    CRC32: crc32,
    randomUUID: () => `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`,
    getRandomValues(array) {
      for (let i = 0; i < array.length; i++) array[i] = Math.floor(random() * 4294967296);
      return array;
    },
  };
}
