// The public face of a derived key, signed by the master (FORMAT.md, section 4).
import { concat, equal } from "../bytes.js";
import { checkSigned } from "../crypto/primitives.js";
import { Damaged } from "../errors.js";
import { encode } from "../msgpack.js";
import { shaped, unpack } from "./body.js";
import { isRole, keyId } from "./keys.js";
import * as layout from "./layout.js";

/** @typedef {{keyId: Uint8Array, role: number, verify: Uint8Array, created: bigint, label: string, raw: Uint8Array}} Badge */

/** @param {Uint8Array} raw @param {Uint8Array} repository @param {Uint8Array} master @returns {Badge} */
export function read(raw, repository, master, name) {
  layout.parse(raw, layout.BADGE, repository, name);
  const body = unpack(checkSigned(master, raw, name).subarray(layout.SIZE), name);
  const unknown = "of a kind this program doesn't know";
  shaped(body, { key: 16, role: isRole, verify: 32, created: "time", label: "text" }, name, unknown);
  if (!equal(body.key, keyId(body.verify))) throw new Damaged(name, "the badge names another key");
  const { key, role, verify, created, label } = body;
  return { keyId: key, role, verify, created: BigInt(created), label, raw };
}

/** The badge by which a master lets a key in. @returns {Badge} */
export function write(master, role, verify, label, created) {
  const id = keyId(verify);
  const body = encode({ key: id, role, verify, created, label });
  const signed = concat(layout.prologue(layout.BADGE, master.repository, master.suite), body);
  return { keyId: id, role, verify, created, label, raw: concat(signed, master.sign(signed)) };
}
