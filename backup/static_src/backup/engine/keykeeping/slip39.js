// Shamir's secret sharing as SLIP-39 writes it: any k of n rows of words give the secret back, fewer tell nothing.
// One group, extendable, no passphrase (https://github.com/satoshilabs/slips/blob/master/slip-0039.md). The library at hand
// (slip39) needs node's own crypto, so this is the same as backup/engine/keykeeping/slip39.py.
import { hmac } from "@noble/hashes/hmac.js";
import { pbkdf2 } from "@noble/hashes/pbkdf2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, equal } from "../bytes.js";
import { WORDS } from "./words.js";

export const MOST = 16;
const BITS = 10, HEAD = 4, TAIL = 3;
const BY_START = new Map(WORDS.map((word, number) => [word.slice(0, 4), number]));
const CUSTOM = Array.from("shamir_extendable", (sign) => sign.charCodeAt(0));
const DIGEST = 254, SECRET = 255, DIGEST_SIZE = 4;
const ROUNDS = [0, 1, 2, 3], ITERATIONS = 2500;
const GENERATOR = [
  0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890, 0x3f3f120,
];

/**
 * One share. Those of one split have the same `identifier` (15 random bits) and the same threshold.
 * @typedef {{identifier: number, threshold: number, index: number, value: Uint8Array}} Share
 */

/** Shares of which `threshold` are enough. @param {(size: number) => Uint8Array} random @returns {Share[]} */
export function split(secret, threshold, count, random) {
  if (!(threshold >= 2 && threshold <= count && count <= MOST)) throw new RangeError(`from 2 to ${MOST} shares, of which at least 2 are needed`);
  const start = random(2);
  const identifier = (start[0] << 7) | (start[1] >> 1);
  const hidden = scramble(secret, ROUNDS);
  const noise = random(secret.length - DIGEST_SIZE);
  const given = Array.from({ length: threshold - 2 }, () => random(secret.length));
  const points = [...given.map((value, index) => [index, value]), [DIGEST, concat(digest(noise, hidden), noise)], [SECRET, hidden]];
  return Array.from({ length: count }, (_, index) => ({ identifier, threshold, index, value: given[index] ?? at(index, points) }));
}

/** The secret of enough different shares of one split; null if they don't fit together. @param {Share[]} shares */
export function combine(shares) {
  const points = [...new Map(shares.map(({ index, value }) => [index, value]))];
  const [hidden, sum] = [at(SECRET, points), at(DIGEST, points)];
  if (!equal(sum.subarray(0, DIGEST_SIZE), digest(sum.subarray(DIGEST_SIZE), hidden))) return null;
  return scramble(hidden, [...ROUNDS].reverse());
}

/** The words of a share. @param {Share} share */
export function write({ identifier, threshold, index, value }) {
  const head = (BigInt(identifier) << 25n) | (1n << 24n) | BigInt(index << 4) | BigInt(threshold - 1);
  const body = [...digits(head, HEAD), ...digits(joined(value, 8), Math.ceil((value.length * 8) / BITS))];
  const check = digits(BigInt(polymod([...CUSTOM, ...body, 0, 0, 0]) ^ 1), TAIL);
  return [...body, ...check].map((digit) => WORDS[digit]);
}

/** Which word of the list this is, told by its first four letters or by all of a shorter one. @param {string} word */
export const number = (word) => BY_START.get(word.slice(0, 4).toLowerCase());

/** The share that these words are, or why they are none. @param {number[]} numbers @returns {Share | string} */
export function read(numbers) {
  if (polymod([...CUSTOM, ...numbers]) !== 1) return "a word is wrong";
  const head = Number(joined(numbers.slice(0, HEAD), BITS));
  const identifier = Math.floor(head / 2 ** 25);
  const size = Math.floor(((numbers.length - HEAD - TAIL) * BITS) / 16) * 2;
  const value = joined(numbers.slice(HEAD, -TAIL), BITS);
  if (Math.floor(head / 2 ** 20) % 32 !== 16 || (head >>> 8) & 0xfff || value >> BigInt(8 * size)) return "was made by another program";
  const bytes = Uint8Array.from({ length: size }, (_, place) => Number((value >> BigInt(8 * (size - 1 - place))) & 255n));
  return { identifier, threshold: (head & 15) + 1, index: (head >>> 4) & 15, value: bytes };
}

/** Where the one wrong word stands, from 0; null where more than one is wrong. @param {number[]} numbers */
export function wrongPlace(numbers) {
  const base = polymod([...CUSTOM, ...numbers]);
  for (let place = 0; place < numbers.length; place++) {
    // The code is linear: what a change of one word can do to the sum is made of what its bits do.
    const basis = [];
    for (let bit = 0; bit < BITS; bit++) {
      const changed = numbers.map((each, other) => (other === place ? each ^ (1 << bit) : each));
      const image = reduced(polymod([...CUSTOM, ...changed]) ^ base, basis);
      if (image) basis.push(image);
    }
    if (!reduced(base ^ 1, basis)) return place;
  }
  return null;
}

const reduced = (value, basis) => basis.reduce((left, vector) => Math.min(left, left ^ vector), value);

const digits = (value, count) => Array.from({ length: count }, (_, place) => Number((value >> BigInt(BITS * (count - 1 - place))) & 1023n));

function joined(parts, bits) {
  let value = 0n;
  for (const part of parts) value = (value << BigInt(bits)) | BigInt(part);
  return value;
}

/** The remainder that the checking words make 1: a Reed-Solomon code over GF(1024). */
function polymod(numbers) {
  let state = 1;
  for (const each of numbers) {
    const top = state >>> 20;
    state = ((state & 0xfffff) << BITS) ^ each;
    GENERATOR.forEach((term, bit) => (state ^= (top >> bit) & 1 ? term : 0));
  }
  return state;
}

/** A permutation of the secrets; with the rounds in reverse, the way back. */
function scramble(secret, rounds) {
  let [left, right] = [secret.slice(0, secret.length / 2), secret.slice(secret.length / 2)];
  for (const turn of rounds) {
    const mask = pbkdf2(sha256, Uint8Array.of(turn), right, { c: ITERATIONS, dkLen: right.length });
    [left, right] = [right, plus(left, mask)];
  }
  return concat(right, left);
}

const digest = (key, secret) => hmac(sha256, key, secret).subarray(0, DIGEST_SIZE);

/** The value at x of the polynomial through the points, byte by byte in GF(256) (Lagrange). */
function at(x, points) {
  let total = new Uint8Array(points[0][1].length);
  for (const [here, value] of points) {
    let weight = 1;
    for (const [other] of points) if (other !== here) weight = times(weight, times(x ^ other, inverse(here ^ other)));
    total = plus(total, value.map((byte) => times(byte, weight)));
  }
  return total;
}

const plus = (one, other) => one.map((byte, place) => byte ^ other[place]);

/** The product modulo x^8 + x^4 + x^3 + x + 1, by the same steps whatever the factors are. */
function times(one, other) {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    product ^= one & -(other & 1);
    other >>= 1;
    one = (one << 1) ^ (0x11b & -(one >> 7));
  }
  return product;
}

const inverse = (value) => Array(253).fill(value).reduce(times, value);
