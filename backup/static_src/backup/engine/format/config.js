// What a repository says of itself, signed by its master (FORMAT.md, section 5), as any key reads it.
import { concat, equal, hex, little } from "../bytes.js";
import { checkSigned, digest } from "../crypto/primitives.js";
import { Damaged } from "../errors.js";
import { isCount, isListOf, isMap, isText, shaped, unpack } from "./body.js";
import { fits, PARTS } from "./keys.js";
import * as layout from "./layout.js";

/**
 * @typedef {{epoch: number, data: Uint8Array, meta: Uint8Array, log: Uint8Array, before: Record<string, Uint8Array>}} Epoch
 * @typedef {{keyId: Uint8Array, since: bigint, last: number}} Revoked
 * @typedef {{repository: Uint8Array, suite: number, master: Uint8Array, number: number, previous: Uint8Array, created: bigint,
 *   isolated: boolean, epochs: Epoch[], revoked: Map<string, Revoked>, digest: Uint8Array}} Config
 */

const SHAPE = {
  number: isCount, previous: 32, created: "time", master: 32, isolated: "flag",
  epochs: isListOf(isMap), revoked: isListOf(isMap), needs: isListOf(isText),
};
const EPOCH = { epoch: isCount, data: 32, meta: 32, log: 32, "before?": "map" };
const REVOKED = { key: 16, since: "time", last: isCount };

/** The config, once the key's own master is seen to have signed it. @param {import("./keys.js").Key} key @returns {Config} */
export function read(raw, key, name) {
  layout.parse(raw, layout.CONFIG, key.repository, name);
  const body = unpack(checkSigned(key.master, raw, name).subarray(layout.SIZE), name);
  shaped(body, SHAPE, name);
  if (body.needs.length) throw new Damaged(name, `needs ${body.needs.join(", ")}, which this program doesn't know`);
  if (name !== layout.configName(body.number)) throw new Damaged(name, "stands under a name that isn't its own");
  if (!equal(body.master, key.master)) throw new Damaged(name, "names another master key");
  const epochs = body.epochs.map((one, number) => {
    shaped(one, EPOCH, name);
    if (one.epoch !== number) throw new Damaged(name, "its epochs aren't in order");
    return { ...one, before: shaped(one.before ?? {}, Object.fromEntries(PARTS.map((part) => [`${part}?`, "bytes"])), name) };
  });
  if (!epochs.length) throw new Damaged(name, "has no epoch");
  const revoked = body.revoked.map((one) => shaped(one, REVOKED, name));
  return {
    repository: key.repository, suite: key.suite, master: body.master, number: body.number, previous: body.previous,
    created: BigInt(body.created), isolated: body.isolated, epochs,
    revoked: new Map(revoked.map(({ key: keyId, since, last }) => [hex(keyId), { keyId, since: BigInt(since), last }])),
    digest: digest(raw),
  };
}

/** The key with the private keys of older epochs that the config hands to it. Throws Damaged where they don't fit. */
export async function withOlder(key, config) {
  let known = key;
  for (const { epoch, before } of [...config.epochs].reverse()) {
    for (const part of PARTS) {
      if (!(part in before) || known.canOpen(part, epoch - 1) || !known.canOpen(part, epoch)) continue;
      const opened = await known.unseal(part, epoch, "handed", handing(key.repository, epoch), before[part], "config");
      known = known.with({ [`${part} ${epoch - 1}`]: opened });
    }
  }
  if (!config.epochs.every((epoch) => fits(known, epoch)))
    throw new Damaged(layout.configName(config.number), "its public keys aren't those of this key");
  return known;
}

/** The context in which an epoch's key is handed to the next. */
export const handing = (repository, epoch) => concat(repository, little(epoch, 2));

/** Whose secrets a writer uses: its own in an isolated repository, everybody's (null) elsewhere. */
export const audience = (config, writer) => (config.isolated ? writer : null);
