// Configs that a master makes in this browser: the first, and those that replace it (FORMAT.md, section 5).
import { concat } from "../bytes.js";
import { derive, publicHalf, seal } from "../crypto/primitives.js";
import { encode } from "../msgpack.js";
import { handing } from "./config.js";
import { MASTER, PARTS } from "./keys.js";
import * as layout from "./layout.js";

const FIRST = new Uint8Array(32);
const CHUNKER = { name: "fastcdc", min: 512 << 10, avg: 1 << 20, max: 8 << 20, normalisation: 2 };

/** The config of a new repository. @param {import("./keys.js").Key} master @param {{now: bigint, isolated?: boolean}} options */
export async function first(master, { now, isolated = false }) {
  master.require(MASTER);
  return written(master, { number: 1, previous: FIRST, now, isolated, epochs: [await newEpoch(master, 0)], revoked: [] });
}

/** The config that begins a new epoch: keys derived before open nothing that is written from then on. */
export async function nextEpoch(config, master, now) {
  master.require(MASTER);
  return follower(config, master, now, { epochs: [...config.epochs, await newEpoch(master, config.epochs.length)] });
}

/** The config by which a key counts no more but for its snapshots and acts up to number `last`. */
export function revoking(config, master, { keyId, last }, now) {
  master.require(MASTER);
  const others = [...config.revoked.values()].filter((one) => String(one.keyId) !== String(keyId));
  return follower(config, master, now, { revoked: [...others, { keyId, since: now, last }] });
}

function follower(config, master, now, changed) {
  const kept = { ...config, revoked: [...config.revoked.values()], ...changed };
  return written(master, { ...kept, number: config.number + 1, previous: config.digest, now });
}

async function newEpoch(master, number) {
  const { seed, repository, suite } = master;
  const secret = (part, epoch) => derive(seed, repository, `${part} ${epoch}`);
  const epoch = { epoch: number, before: {} };
  for (const part of PARTS) {
    epoch[part] = publicHalf(secret(part, number));
    if (number)
      epoch.before[part] = await seal(suite, epoch[part], "handed", handing(repository, number), secret(part, number - 1));
  }
  return epoch;
}

function written(master, { number, previous, now, isolated, epochs, revoked }) {
  const body = encode({
    number, previous, created: now, master: master.master, isolated,
    epochs: epochs.map(({ epoch, data, meta, log, before }) => ({
      epoch, data, meta, log,
      ...(Object.keys(before).length ? { before } : {}),
    })),
    revoked: revoked.map(({ keyId, since, last }) => ({ key: keyId, since, last })),
    chunker: CHUNKER,
    needs: [],
  });
  const signed = concat(layout.prologue(layout.CONFIG, master.repository, master.suite), body);
  return concat(signed, master.sign(signed));
}
