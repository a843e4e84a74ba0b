// Who may do what with a repository: the master, and the keys derived from it (FORMAT.md, section 4).
import { hex } from "../bytes.js";
import { blake3 } from "../crypto/blake3.js";
import { digest, publicHalf, sign, unseal } from "../crypto/primitives.js";
import { KeyRefused } from "../errors.js";

export const MASTER = 0, WRITER = 1, READER = 2, LISTER = 3, VERIFIER = 4, PRUNER = 5;
export const ROLES = ["master", "writer", "reader", "lister", "verifier", "pruner"];
export const isRole = (value) => Number.isInteger(value) && value in ROLES;
export const PARTS = ["data", "meta", "log"];
export const SHARED = ["id data", "id meta", "share", "chunk"];
/** Which private keys each role holds. */
export const OPENS = [PARTS, [], PARTS, ["log"], PARTS, ["meta", "log"]];
/** Which shared secrets each role holds. */
export const KNOWS = [SHARED, SHARED, ["id data", "id meta"], [], ["id data", "id meta", "share"], ["id meta", "share"]];

/** The first 16 bytes of BLAKE3 of a public key. */
export const keyId = (verify) => digest(verify).slice(0, 16);

/** What a shared secret becomes for one writer of an isolated repository. */
export const isolated = (secret, writer) => blake3(writer, secret);

/** What one keyfile gives. */
export class Key {
  /**
   * @param {{role: number, repository: Uint8Array, suite: number, master: Uint8Array, signing: Uint8Array,
   *   opens: Record<string, Uint8Array>, shared: Record<string, Uint8Array>, seed?: Uint8Array,
   *   badge?: import("./badge.js").Badge, origin?: Uint8Array}} fields `opens`: private keys, as `"data 0"`;
   *   `origin`: the master's signature over the body of the keyfile
   */
  constructor(fields) {
    Object.assign(this, fields);
  }

  get label() {
    return ROLES[this.role];
  }

  /** As the control of people and the names of objects write it. */
  get id() {
    return hex(this.keyId);
  }

  get keyId() {
    return this.badge?.keyId ?? keyId(this.master);
  }

  require(...roles) {
    if (roles.includes(this.role)) return;
    throw new KeyRefused(`a ${this.label} key can't do this; use one of: ${roles.map((role) => ROLES[role]).join(", ")}`);
  }

  canOpen(part, epoch) {
    return `${part} ${epoch}` in this.opens;
  }

  /** Open what was sealed to a part of the repository. Throws KeyRefused where this key can't, Damaged. */
  async unseal(part, epoch, use, context, data, name) {
    const privateKey = this.opens[`${part} ${epoch}`];
    if (privateKey) return unseal(this.suite, privateKey, use, context, data, name);
    if (OPENS[this.role].includes(part))
      throw new KeyRefused("this key is older than what it is to open: derive a new one from the master");
    throw new KeyRefused(`a ${this.label} key can't open the ${part} of this repository`);
  }

  /** A shared secret; in an isolated repository, that of one writer. @param {Uint8Array | null} writer */
  knows(secret, writer = null) {
    const value = this.shared[secret];
    if (!value) throw new KeyRefused(`a ${this.label} key doesn't hold '${secret}'`);
    return writer === null || this.role === WRITER ? value : isolated(value, writer);
  }

  sign(data) {
    return sign(this.signing, data);
  }

  /** This key with more private keys: those of older epochs. */
  with(opens) {
    return new Key({ ...this, opens: { ...this.opens, ...opens } });
  }
}

/** Whether the private keys are those of an epoch's public ones. */
export const fits = (key, epoch) =>
  PARTS.every((part) => !key.canOpen(part, epoch.epoch) || hex(publicHalf(key.opens[`${part} ${epoch.epoch}`])) === hex(epoch[part]));
