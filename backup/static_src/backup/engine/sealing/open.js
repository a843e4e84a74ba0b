// A sealed file opened as it comes: each block verified before a byte of it is given out.
import { view } from "../bytes.js";
import { DoesntOpen } from "../crypto/aead.js";
import { Damaged, PassphraseNeeded } from "../errors.js";
import { isText, shaped, unpack } from "../format/body.js";
import { cipherOf, nonce } from "./keys.js";
import * as layout from "./layout.js";

/** Fragments that are on their way while one is read. */
const AHEAD = 2;
const HEAD = { name: isText, size: "count", "type?": isText, "modified?": "time", "message?": isText };

/**
 * @param {(offset: number, length: number) => Promise<Uint8Array>} read a part of the object
 * @param {Uint8Array} secret of the link
 * @returns {Promise<{name: string, size: number, type: string, modified: bigint | null, content: AsyncGenerator<Uint8Array>}>}
 *   Throws Damaged, PassphraseNeeded for a missing or wrong passphrase.
 */
export async function open(read, secret, passphrase = "") {
  const header = layout.readHeader(await read(0, layout.HEADER));
  const cipher = cipherOf(secret, header, passphrase);
  const clear = opened(read, cipher, header);
  const { value: first } = await clear.next();
  const length = first.length >= 4 ? view(first).getUint32(0, true) : 0;
  if (!length || length > first.length - 4) throw new Damaged(layout.NAME, "its head is malformed");
  const { name, size, type, modified, message } = shaped(unpack(first.subarray(4, 4 + length), layout.NAME), HEAD, layout.NAME);
  if (layout.capacity(header.size) < 4 + length + size) throw new Damaged(layout.NAME, "holds less than it says");
  const about = { name, size, type: type ?? "", modified: modified === undefined ? null : BigInt(modified), ...(message && { message }) };
  return { ...about, content: content(first.slice(4 + length), clear, size) };
}

/** The first `size` bytes; the rest is padding, which must be there all the same. */
async function* content(first, clear, size) {
  let left = size;
  for (let part = first; ; ) {
    const given = part.length <= left ? part : part.slice(0, left);
    left -= given.length;
    if (given.length) yield given;
    const { value, done } = await clear.next();
    if (done) return;
    part = value;
  }
}

/** The clear text of each block. */
async function* opened(read, cipher, header) {
  const count = layout.blocks(header.size);
  for await (const [number, block] of fetched(read, header)) {
    try {
      yield await cipher.decrypt(nonce(number, number === count - 1), block);
    } catch (error) {
      if (!(error instanceof DoesntOpen)) throw error;
      if (number === 0 && header.mode === layout.LINK_AND_PASSPHRASE)
        throw new PassphraseNeeded("the passphrase or the link is wrong, or the file was changed");
      throw new Damaged(layout.NAME, number ? `block ${number} was changed` : "the link is wrong, or the file was changed");
    }
  }
}

/** Each block with its number, fragments being read ahead. */
async function* fetched(read, { size }) {
  const coming = [];
  let next = 0;
  for (let number = 0; number * layout.FRAGMENT < size; number++) {
    for (; coming.length < AHEAD && next * layout.FRAGMENT < size; next++) {
      const fragment = read(next * layout.FRAGMENT, Math.min(layout.FRAGMENT, size - next * layout.FRAGMENT));
      fragment.catch(() => {});
      coming.push(fragment);
    }
    const fragment = await coming.shift();
    const base = number * layout.FRAGMENT;
    if (fragment.length !== Math.min(layout.FRAGMENT, size - base)) throw new Damaged(layout.NAME, "is cut");
    for (let at = 0; at < fragment.length; at += layout.BLOCK) {
      const block = (base + at) / layout.BLOCK;
      const [start, stop] = layout.span(block, size);
      yield [block, fragment.subarray(start - base, stop - base)];
    }
  }
}
