// Read each object of the vectors of one suite, with the keys that are there.
import { text } from "node:stream/consumers";
import { aead } from "../../../backup/static_src/backup/engine/crypto/aead.js";
import { digest } from "../../../backup/static_src/backup/engine/crypto/primitives.js";
import { concat, hex, unhex, view } from "../../../backup/static_src/backup/engine/bytes.js";
import * as acts from "../../../backup/static_src/backup/engine/format/acts.js";
import * as badges from "../../../backup/static_src/backup/engine/format/badge.js";
import * as blobs from "../../../backup/static_src/backup/engine/format/blobs.js";
import * as configs from "../../../backup/static_src/backup/engine/format/config.js";
import { dump, load } from "../../../backup/static_src/backup/engine/format/keyfile.js";
import * as indexes from "../../../backup/static_src/backup/engine/format/indexes.js";
import * as layout from "../../../backup/static_src/backup/engine/format/layout.js";
import { openKey, readStart } from "../../../backup/static_src/backup/engine/format/packs.js";
import * as snapshots from "../../../backup/static_src/backup/engine/format/snapshots.js";

const raw = (base64) => new Uint8Array(Buffer.from(base64, "base64"));
const out = (_name, value) => {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  return typeof value === "bigint" ? { $big: String(value) } : value;
};

const { suite, vector, blob } = JSON.parse(await text(process.stdin));
const keyfiles = {};
const keys = {};
for (const [name, kept] of Object.entries(vector.keyfiles)) {
  keys[name] = await load(kept);
  keyfiles[name] = { role: keys[name].label, text: await dump(keys[name]) };
}
const { master } = keys;
const read = vector.configs.map((each, number) => configs.read(raw(each), master, layout.configName(number + 1)));
const newest = read.at(-1);
const reader = await configs.withOlder(keys.newer, newest);
const badge = badges.read(raw(vector.badge), master.repository, master.master, "badge");

const index = raw(vector.index);
const listed = await indexes.read(index, digest(index), reader);
const pack = raw(vector.pack);
const name = layout.packName(digest(pack));
const start = await readStart(async (offset, length) => pack.slice(offset, offset + length), master.repository, name);
const packs = [];
for (const { name: digestOf, entries } of listed) {
  if (hex(digestOf) !== hex(digest(pack))) continue;
  for (let at = 0; at < entries.length; at += blobs.ENTRY) {
    const entry = blobs.entry(view(entries), at);
    const cipher = await openKey(start, entry.key, reader, name);
    const stored = pack.subarray(entry.offset, entry.offset + entry.stored);
    packs.push(await blobs.decrypt(cipher, master.repository, entry, stored, master.knows("id data"), name));
  }
}

const content = unhex(blob.content);
const stored = unhex(blob.stored);
const entry = { id: unhex(blob.id), offset: 0, stored: stored.length, length: content.length, counter: blob.counter, key: 0, type: 1, method: 0 };
const opened = await blobs.decrypt(aead(suite, unhex(blob.key)), master.repository, entry, stored, master.knows("id data"), "blob");

const author = (object) => Object.values(keys).find((key) => key.id === hex(object.subarray(24, 40)));
const chained = async (object, named, module) => {
  const key = author(object);
  const sequence = Number(view(object).getBigUint64(40, true));
  return module.read(object, key.badge?.verify ?? key.master, reader, named(key.id, sequence), 1n);
};
const snapshot = await chained(raw(vector.snapshot), layout.snapshotName, snapshots);
const act = await chained(raw(vector.act), layout.actName, acts);
process.stdout.write(
  JSON.stringify({ keyfiles, configs: read.map((one) => one.number), badge, packs: concat(...packs), blob: opened, snapshot, act }, out),
);
