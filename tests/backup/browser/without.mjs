// The engine's cipher where crypto.subtle isn't there.
import { text } from "node:stream/consumers";
import { webcrypto } from "node:crypto";

Object.defineProperty(globalThis, "crypto", { value: { getRandomValues: (array) => webcrypto.getRandomValues(array) } });
const { aead } = await import("../../../backup/static_src/backup/engine/crypto/aead.js");

const into = (_name, value) => (value?.$bytes !== undefined ? new Uint8Array(Buffer.from(value.$bytes, "base64")) : value);
const bytes = (value) => ({ $bytes: Buffer.from(value).toString("base64") });
const [suite, key, nonce, data, aad] = JSON.parse(await text(process.stdin), into);
const cipher = aead(suite, key);
const encrypted = await cipher.encrypt(nonce, data, aad);
const refused = await cipher.decrypt(nonce, encrypted, new Uint8Array()).catch((error) => error.message);
process.stdout.write(
  JSON.stringify({ encrypted: bytes(encrypted), decrypted: bytes(await cipher.decrypt(nonce, encrypted, aad)), refused }),
);
