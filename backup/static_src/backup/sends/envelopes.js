// The key of a file, sealed to that of a request (SEALED.md, section 7).
import { x25519 } from "@noble/curves/ed25519.js";
import { hex, unhex, utf8 } from "../engine/bytes.js";
import { AES } from "../engine/crypto/aead.js";
import { publicHalf, seal, unseal } from "../engine/crypto/primitives.js";
import { NAME } from "../engine/sealing/layout.js";
import { fromFragment, toFragment } from "../engine/sealing/keys.js";

const USE = "sealed file";

export function requestCalls() {
  return {
    /** A key pair: what stands behind the # of the owner's link, and of the one that he gives away. */
    async newRequest() {
      const own = x25519.utils.randomSecretKey();
      return { own: toFragment(own), given: toFragment(publicHalf(own)) };
    },

    /** What belongs to one's own link, for the one to give away. */
    async givenOf({ own }) {
      return toFragment(publicHalf(fromFragment(own)));
    },

    /** The envelope, in hex, of a file's key (`link`) for the request named `request`. */
    async envelope({ given, request, link }) {
      return hex(await seal(AES, fromFragment(given), USE, utf8(request), fromFragment(link)));
    },

    /** What stands behind the # of the file's link. */
    async openEnvelope({ own, request, envelope }) {
      return toFragment(await unseal(AES, fromFragment(own), USE, utf8(request), unhex(envelope), NAME));
    },
  };
}
