// The ciphers of the two suites (FORMAT.md, section 1): AES-256-GCM by the browser, ChaCha20-Poly1305 by @noble/ciphers.
import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

export const AES = 1, CHACHA = 2;
export const TAG = 16;
/** The nonce of a key that encrypts one message. */
export const ZERO = new Uint8Array(12);

/** What was encrypted isn't what is here, or not under this key. */
export class DoesntOpen extends Error {}

/**
 * @typedef {object} Aead
 * @property {(nonce: Uint8Array, data: Uint8Array, aad?: Uint8Array) => Promise<Uint8Array>} encrypt
 * @property {(nonce: Uint8Array, data: Uint8Array, aad?: Uint8Array) => Promise<Uint8Array>} decrypt throws DoesntOpen
 */

/** The cipher of a suite with a key of 32 bytes. @returns {Aead} */
export function aead(suite, key) {
  if (suite === CHACHA) return inScript(chacha20poly1305, key);
  // Browsers have crypto.subtle in secure contexts alone.
  return globalThis.crypto?.subtle ? native(key) : inScript(gcm, key);
}

function native(key) {
  let imported;
  const use = async (what, nonce, data, aad = new Uint8Array()) => {
    imported ??= crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
    const parameters = { name: "AES-GCM", iv: nonce, additionalData: aad };
    return new Uint8Array(await crypto.subtle[what](parameters, await imported, data));
  };
  return {
    encrypt: (nonce, data, aad) => use("encrypt", nonce, data, aad),
    decrypt: (nonce, data, aad) =>
      use("decrypt", nonce, data, aad).catch((error) => {
        throw new DoesntOpen("the tag is wrong", { cause: error });
      }),
  };
}

function inScript(cipher, key) {
  return {
    encrypt: async (nonce, data, aad) => cipher(key, nonce, aad).encrypt(data),
    async decrypt(nonce, data, aad) {
      try {
        return cipher(key, nonce, aad).decrypt(data);
      } catch (error) {
        throw new DoesntOpen("the tag is wrong", { cause: error });
      }
    },
  };
}
