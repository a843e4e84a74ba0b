// Keys made in this browser: the master, and those of every role derived from it (FORMAT.md, section 4).
import { concat, random } from "../bytes.js";
import { AES } from "../crypto/aead.js";
import { derive as from, newSigningKey, verifyKey } from "../crypto/primitives.js";
import { KeyRefused } from "../errors.js";
import { encode } from "../msgpack.js";
import * as badges from "./badge.js";
import { isolated, Key, keyId, KNOWS, MASTER, OPENS, PARTS, SHARED, WRITER } from "./keys.js";
import * as layout from "./layout.js";

/** A new master key, for a new repository. */
export const newMaster = (suite = AES) => master(random(32), random(16), suite);

/** The master key that this seed is in this repository. @param {Uint8Array} seed 32 bytes @param {Uint8Array} repository 16 bytes */
export function master(seed, repository, suite = AES, epochs = 1) {
  const signing = from(seed, repository, "sign");
  const purposes = Array.from({ length: epochs }, (_, epoch) => PARTS.map((part) => `${part} ${epoch}`)).flat();
  return originated({
    role: MASTER, repository, suite, master: verifyKey(signing), signing, seed,
    opens: Object.fromEntries(purposes.map((purpose) => [purpose, from(seed, repository, purpose)])),
    shared: Object.fromEntries(SHARED.map((purpose) => [purpose, from(seed, repository, purpose)])),
  });
}

/**
 * A new key of a role, with a pair of its own and a badge signed by the master.
 * It opens what is sealed up to `epoch`, the newest of the repository: what is older through the config.
 * @param {Key} owner @param {{label: string, created: bigint, epoch?: number, isolate?: boolean}} options
 * @param {Uint8Array} [signing] for vectors alone
 */
export function derive(owner, role, { label, created, epoch = 0, isolate = false }, signing = newSigningKey()) {
  if (owner.role !== MASTER || role === MASTER)
    throw new KeyRefused("only the master key derives keys, and never a second master");
  const { seed, repository, suite } = owner;
  const verify = verifyKey(signing);
  const own = (secret) => (isolate && role === WRITER ? isolated(owner.shared[secret], keyId(verify)) : owner.shared[secret]);
  const fields = {
    role, repository, suite, master: owner.master, signing,
    opens: Object.fromEntries(OPENS[role].map((part) => [`${part} ${epoch}`, from(seed, repository, `${part} ${epoch}`)])),
    shared: Object.fromEntries(KNOWS[role].map((secret) => [secret, own(secret)])),
    badge: badges.write(owner, role, verify, label, created),
  };
  return originated(fields, owner);
}

/** What the keyfile of a key holds, before any protection. @param {Key} key */
export function body(key) {
  const content = { role: key.role, master: key.master };
  if (key.role === MASTER) return encode({ ...content, seed: key.seed });
  return encode({ ...content, sign: key.signing, ...key.shared, private: key.opens, badge: key.badge.raw });
}

function originated(fields, owner) {
  const key = new Key(fields);
  const signed = concat(layout.prologue(layout.KEYFILE, key.repository, key.suite), body(key));
  return new Key({ ...fields, origin: (owner ?? key).sign(signed) });
}
