// The key of a sealed file, from what stands in the link and, where there is one, from a passphrase (SEALED.md).
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, little, utf8 } from "../bytes.js";
import { AES, aead } from "../crypto/aead.js";
import { stretch } from "../crypto/primitives.js";
import { BadKeyfile, PassphraseNeeded } from "../errors.js";
import { LINK, SECRET } from "./layout.js";

const LABEL = utf8("suite-sealed 1 ");

/** The cipher of a file. A second of work with a passphrase. @param {import("./layout.js").Header} header */
export function cipherOf(secret, header, passphrase = "") {
  const stretched = header.mode === LINK ? new Uint8Array() : stretchedOf(passphrase, header);
  return aead(AES, hkdf(sha256, concat(secret, stretched), header.salt, concat(LABEL, header.raw), 32));
}

function stretchedOf(passphrase, { salt, cost }) {
  if (!passphrase) throw new PassphraseNeeded("this file is protected: give its passphrase");
  return stretch(passphrase, salt.subarray(0, 16), cost);
}

export const nonce = (number, last) => concat(new Uint8Array(7), little(number, 4), Uint8Array.of(last ? 1 : 0));

/** The secret as the fragment of a link holds it. */
export const toFragment = (secret) =>
  btoa(String.fromCharCode(...secret)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Throws BadKeyfile. @param {string} fragment with or without its # */
export function fromFragment(fragment) {
  const text = fragment.replace(/^#/, "");
  if (!/^[\w-]{43}$/.test(text)) throw new BadKeyfile("the link is cut: its part after # holds the key");
  const secret = Uint8Array.from(atob(`${text.replaceAll("-", "+").replaceAll("_", "/")}=`), (sign) => sign.charCodeAt(0));
  if (secret.length !== SECRET || toFragment(secret) !== text) throw new BadKeyfile("the link was changed");
  return secret;
}
