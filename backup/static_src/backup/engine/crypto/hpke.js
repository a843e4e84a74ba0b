// HPKE (RFC 9180), base mode, one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, and the AEAD of the suite.
import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, utf8 } from "../bytes.js";
import { AES, aead, CHACHA, DoesntOpen } from "./aead.js";

const POINT = 32;
const EMPTY = new Uint8Array();
const VERSION = utf8("HPKE-v1");
const KEM = concat(utf8("KEM"), Uint8Array.of(0, 0x20));
const SUITES = {
  [AES]: concat(utf8("HPKE"), Uint8Array.of(0, 0x20, 0, 0x01, 0, 0x02)),
  [CHACHA]: concat(utf8("HPKE"), Uint8Array.of(0, 0x20, 0, 0x01, 0, 0x03)),
};

/** `enc ‖ ciphertext`. @param {Uint8Array} [pair] private key of the sender, for vectors alone */
export async function seal(suite, publicKey, info, data, pair = x25519.utils.randomSecretKey()) {
  const enc = x25519.getPublicKey(pair);
  const { cipher, nonce } = schedule(suite, x25519.getSharedSecret(pair, publicKey), enc, publicKey, info);
  return concat(enc, await cipher.encrypt(nonce, data));
}

/** What was sealed. Throws DoesntOpen. */
export async function open(suite, privateKey, info, sealed) {
  if (sealed.length < POINT) throw new DoesntOpen("cut");
  const enc = sealed.subarray(0, POINT);
  let shared;
  try {
    shared = x25519.getSharedSecret(privateKey, enc);
  } catch (error) {
    throw new DoesntOpen("its point is of low order", { cause: error });
  }
  const { cipher, nonce } = schedule(suite, shared, enc, x25519.getPublicKey(privateKey), info);
  return cipher.decrypt(nonce, sealed.subarray(POINT));
}

function schedule(suite, point, enc, publicKey, info) {
  const shared = labelled(KEM, labelledExtract(KEM, EMPTY, "eae_prk", point), "shared_secret", concat(enc, publicKey), 32);
  const id = SUITES[suite];
  const context = concat(
    Uint8Array.of(0),
    labelledExtract(id, EMPTY, "psk_id_hash", EMPTY),
    labelledExtract(id, EMPTY, "info_hash", info),
  );
  const secret = labelledExtract(id, shared, "secret", EMPTY);
  return { cipher: aead(suite, labelled(id, secret, "key", context, 32)), nonce: labelled(id, secret, "base_nonce", context, 12) };
}

function labelledExtract(suite, salt, label, secret) {
  return extract(sha256, concat(VERSION, suite, utf8(label), secret), salt);
}

function labelled(suite, secret, label, info, length) {
  return expand(sha256, secret, concat(Uint8Array.of(0, length), VERSION, suite, utf8(label), info), length);
}
