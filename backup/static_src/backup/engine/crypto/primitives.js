// The other primitives of FORMAT.md, section 1, bound to its words.
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, utf8 } from "../bytes.js";
import { Damaged } from "../errors.js";
import { DoesntOpen } from "./aead.js";
import { blake3 } from "./blake3.js";
import * as hpke from "./hpke.js";

const LABEL = utf8("suite-backup 1 ");
export const SIGNATURE = 64;

/** The 32-byte key that the master seed gives for a purpose in a repository. */
export const derive = (seed, repository, purpose) => hkdf(sha256, seed, repository, concat(LABEL, utf8(purpose)), 32);

const info = (use, context) => concat(LABEL, utf8(use), Uint8Array.of(0), context);

/** Encrypt so that only the holder of the private key reads it, and only for this use in this context. */
export const seal = (suite, publicKey, use, context, data) => hpke.seal(suite, publicKey, info(use, context), data);

/** What was sealed. Throws Damaged. */
export async function unseal(suite, privateKey, use, context, data, name) {
  try {
    return await hpke.open(suite, privateKey, info(use, context), data);
  } catch (error) {
    if (!(error instanceof DoesntOpen)) throw error;
    throw new Damaged(name, `the sealed ${use} doesn't open`);
  }
}

export const publicHalf = (privateKey) => x25519.getPublicKey(privateKey);
export const verifyKey = (privateKey) => ed25519.getPublicKey(privateKey);
export const newSigningKey = () => ed25519.utils.randomSecretKey();
export const sign = (privateKey, data) => ed25519.sign(data, privateKey);

/** Whether the signature is the key's, by the strict rules of RFC 8032. */
export function verifies(publicKey, signature, data) {
  try {
    return ed25519.verify(signature, data, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/** The data without the signature behind them, once it is verified. Throws Damaged. */
export function checkSigned(publicKey, data, name) {
  const body = data.subarray(0, Math.max(data.length - SIGNATURE, 0));
  if (data.length < SIGNATURE || !verifies(publicKey, data.subarray(body.length), body))
    throw new Damaged(name, "the signature is wrong");
  return body;
}

/** BLAKE3 of a content. */
export const digest = (content) => blake3(content);

/** Argon2id, 32 bytes: a second of work or more, so not for the thread of a page. */
export const stretch = (passphrase, salt, { memory, passes, lanes }) =>
  argon2id(utf8(passphrase.normalize("NFC")), salt, { m: memory, t: passes, p: lanes, dkLen: 32, maxmem: 2 ** 32 - 1 });
