// Make keys and configs from what is given instead of chance, so that they can be compared byte by byte.
import { text } from "node:stream/consumers";
import { Key } from "../../../backup/static_src/backup/engine/format/keys.js";
import * as configs from "../../../backup/static_src/backup/engine/format/config.js";
import * as make from "../../../backup/static_src/backup/engine/format/configure.js";
import { derive, master } from "../../../backup/static_src/backup/engine/format/derive.js";
import { dump, load } from "../../../backup/static_src/backup/engine/format/keyfile.js";
import { configName } from "../../../backup/static_src/backup/engine/format/layout.js";

const into = (_name, value) => (value?.$bytes !== undefined ? new Uint8Array(Buffer.from(value.$bytes, "base64")) : value);
const out = (_name, value) => (value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString("base64") } : value);

const { seed, repository, suite, isolate, epoch, signing, created } = JSON.parse(await text(process.stdin), into);
const owner = master(seed, repository, suite);
const now = BigInt(created);
const made = { master: await dump(owner), config: await make.first(owner, { now, isolated: isolate }), keys: [], configs: [] };
let config = configs.read(made.config, owner, configName(1));
for (let number = 1; number <= epoch; number++) {
  const raw = await make.nextEpoch(config, owner, now + BigInt(number));
  made.configs.push(raw);
  config = configs.read(raw, owner, configName(number + 1));
}
for (const [role, own] of Object.entries(signing)) {
  const key = derive(owner, Number(role), { label: "étiquette", created: now, epoch, isolate }, own);
  const again = await load(await dump(key));
  if (!(again instanceof Key) || again.id !== key.id) throw new Error("a keyfile that was written isn't read as it was");
  made.keys.push({ role: Number(role), text: await dump(key), badge: key.badge.raw });
  // As the config hands them over, a key opens every older epoch as well.
  const whole = await configs.withOlder(key, config);
  made.keys.at(-1).opens = Object.keys(whole.opens).sort();
}
const { keyId } = derive(owner, 1, { label: "", created: now });
made.revoking = make.revoking(config, owner, { keyId, last: 7 }, now);
made.revoked = keyId;
process.stdout.write(JSON.stringify(made, out));
