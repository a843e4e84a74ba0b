// BLAKE3: 32 bytes of a content, keyed or not, in one piece or as it comes.
import { compress, IV } from "./compress.js";

const BLOCK = 64, CHUNK = 1024, WORDS = CHUNK / 4;
const START = 1, END = 2, PARENT = 4, ROOT = 8, KEYED = 16;
const MOST_STACKED = 54;

/** @param {Uint8Array} content @param {Uint8Array} [key] 32 bytes @returns {Uint8Array} 32 bytes */
export const blake3 = (content, key) => shared.reset(key).update(content).digest();

export class Blake3 {
  #key = IV;
  #flags = 0;
  #own = new Int32Array(8);
  #stack = new Int32Array(MOST_STACKED * 8);
  #depth = 0;
  #chunks = 0;
  /** The chunk that isn't closed yet: only the very last one may end the tree. */
  #open = new Uint8Array(CHUNK);
  #filled = 0;
  #pair = new Int32Array(16);
  #value = new Int32Array(8);

  /** @param {Uint8Array} [key] */
  constructor(key) {
    this.reset(key);
  }

  /** Begins anew. @param {Uint8Array} [key] */
  reset(key) {
    if (key && key.length !== 32) throw new RangeError("a key of BLAKE3 has 32 bytes");
    if (key) new Uint8Array(this.#own.buffer).set(key);
    this.#key = key ? this.#own : IV;
    this.#flags = key ? KEYED : 0;
    this.#depth = this.#chunks = this.#filled = 0;
    return this;
  }

  /** @param {Uint8Array} data */
  update(data) {
    let at = 0;
    while (at < data.length) {
      if (this.#filled === CHUNK) {
        this.#close(new Int32Array(this.#open.buffer), 0);
        this.#filled = 0;
      }
      const whole = this.#filled ? 0 : Math.ceil((data.length - at) / CHUNK) - 1;
      if (whole > 0) {
        this.#closeAll(data.subarray(at, at + whole * CHUNK));
        at += whole * CHUNK;
      }
      const taken = Math.min(CHUNK - this.#filled, data.length - at);
      this.#open.set(data.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
    }
    return this;
  }

  /** What was given so far; more may follow. */
  digest() {
    this.#open.fill(0, this.#filled);
    const last = Math.max(Math.ceil(this.#filled / BLOCK) - 1, 0);
    const words = new Int32Array(this.#open.buffer);
    const value = this.#blocks(words, 0, last, this.#chunks);
    const alone = this.#depth ? 0 : ROOT;
    const flags = this.#flags | END | (last ? 0 : START) | alone;
    compress(value, words, last * 16, this.#chunks | 0, high(this.#chunks), this.#filled - last * BLOCK, flags, value);
    for (let depth = this.#depth - 1; depth >= 0; depth--) this.#join(depth, value, depth ? 0 : ROOT);
    return new Uint8Array(value.buffer.slice(0));
  }

  /** Many whole chunks, none of them the last. */
  #closeAll(data) {
    if (data.byteOffset % 4 === 0) {
      const words = new Int32Array(data.buffer, data.byteOffset, data.length / 4);
      for (let at = 0; at < words.length; at += WORDS) this.#close(words, at);
      return;
    }
    const copy = new Uint8Array(Math.min(data.length, 64 * CHUNK));
    for (let at = 0; at < data.length; at += copy.length) {
      const part = data.subarray(at, at + copy.length);
      copy.set(part);
      const words = new Int32Array(copy.buffer, 0, part.length / 4);
      for (let each = 0; each < words.length; each += WORDS) this.#close(words, each);
    }
  }

  /** One chunk enters the tree, and completes what it completes. */
  #close(words, at) {
    const value = this.#blocks(words, at, 15, this.#chunks);
    compress(value, words, at + 240, this.#chunks | 0, high(this.#chunks), BLOCK, this.#flags | END, value);
    this.#chunks += 1;
    for (let total = this.#chunks; total % 2 === 0; total /= 2) {
      this.#depth -= 1;
      this.#join(this.#depth, value, 0);
    }
    this.#stack.set(value, this.#depth * 8);
    this.#depth += 1;
  }

  /** The parent of what is stacked at a depth and of `value`, in its place. */
  #join(depth, value, root) {
    this.#pair.set(this.#stack.subarray(depth * 8, depth * 8 + 8));
    this.#pair.set(value, 8);
    compress(this.#key, this.#pair, 0, 0, 0, BLOCK, this.#flags | PARENT | root, value);
  }

  /** The chaining value after the first `count` blocks of a chunk. */
  #blocks(words, at, count, chunk) {
    const value = this.#value;
    value.set(this.#key);
    for (let block = 0; block < count; block++)
      compress(value, words, at + block * 16, chunk | 0, high(chunk), BLOCK, this.#flags | (block ? 0 : START), value);
    return value;
  }
}

/** For contents in one piece, which are hashed without a pause. */
const shared = new Blake3();

const high = (counter) => (counter / 2 ** 32) | 0;
