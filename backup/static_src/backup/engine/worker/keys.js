// Keys made, looked at and written out. What a call answers goes to whoever holds the page: so each says what it gives.
import { hex, unhex, utf8 } from "../bytes.js";
import { AES } from "../crypto/aead.js";
import { digest, seal } from "../crypto/primitives.js";
import { first, nextEpoch, revoking } from "../format/configure.js";
import { derive, newMaster } from "../format/derive.js";
import { controlCode, dump, isProtected, load, toBinary } from "../format/keyfile.js";
import { LISTER, MASTER, ROLES, WRITER } from "../format/keys.js";
import { CONFIG, configName, parse, SIZE } from "../format/layout.js";
import { now } from "../format/times.js";
import { BackupError } from "../errors.js";
import * as shares from "../keykeeping/shares.js";
import * as sheets from "../keykeeping/sheet.js";

/** The use for which a keyfile is sealed to a machine (backup/engine/agent/holding.py). */
const HANDED = "keyfile";
const about = (key, keyfile) => ({
  keyfile, control: controlCode(toBinary(keyfile)), role: key.label, key: key.id, repository: hex(key.repository), suite: key.suite,
});

/** By which people see whose a public key is (backup/engine/agent/holding.py). @param {Uint8Array} key */
const mark = (key) => hex(digest(key).subarray(0, 8)).toUpperCase().match(/.{4}/g).join("-");

/**
 * @param {() => {repository: import("../reading/repository.js").Repository}} here the open repository
 * @param {(objects: string) => import("../stores/http.js").Store} makeStore
 */
export function keyCalls(here, makeStore) {
  /** The last master that was made or named here, so that its keys can be derived before there is a repository. */
  let master = null;
  const owner = async (keyfile, passphrase) => {
    const key = keyfile ? await load(keyfile, passphrase) : master;
    if (key?.role !== MASTER) throw new BackupError("this needs the master key");
    return key;
  };

  return {
    /** A new repository: its master's keyfile, for a person to keep, and the config to publish. */
    async makeMaster({ passphrase = "", isolated = false, suite = 1 } = {}) {
      master = newMaster(suite);
      const made = about(master, await dump(master, passphrase));
      return { ...made, masterKey: hex(master.master), config: await first(master, { now: now(), isolated }) };
    },

    /**
     * A new repository and what a portal gets of it (backup/engine/founding.py): `keyfile` is the master's, for a person to keep;
     * `founding` opens no contents. Without `saves` the portal gets no key to save with.
     */
    async found({ label, passphrase = "", isolated = false, saves = true }) {
      const owner = (master = newMaster());
      const made = about(owner, await dump(owner, passphrase));
      const derived = (role) => dump(derive(owner, role, { label, created: now(), isolate: isolated }));
      const founding = {
        config: await first(owner, { now: now(), isolated }),
        lister: await derived(LISTER),
        writer: saves ? await derived(WRITER) : "",
        control_code: made.control,
        has_passphrase: Boolean(passphrase),
      };
      return { ...made, founding };
    },

    /** A key of a role for a person or an agent: its keyfile, and the badge to publish. Epoch and isolation are the repository's. */
    async derive({ role, label, passphrase = "", keyfile, masterPassphrase = "", isolated = false, epoch = 0 }) {
      const key = derive(await owner(keyfile, masterPassphrase), ROLES.indexOf(role), { label, created: now(), epoch, isolate: isolated });
      return { ...about(key, await dump(key, passphrase)), badge: key.badge.raw };
    },

    /**
     * A key for the machine of an agent: its keyfile, sealed to `sealTo` (hex) of the agent `agent` (its id), and the badge; both to
     * deliver through the portal, which can't read the first.
     */
    async hand({ agent, sealTo, role, label, keyfile, masterPassphrase = "", isolated = false, epoch = 0 }) {
      const key = derive(await owner(keyfile, masterPassphrase), ROLES.indexOf(role), { label, created: now(), epoch, isolate: isolated });
      const sealed = await seal(AES, unhex(sealTo), HANDED, unhex(agent.replaceAll("-", "")), utf8(await dump(key)));
      return { key: key.id, role, sealed, badge: key.badge.raw };
    },

    /** The control code of a keyfile, which needs no passphrase. */
    async control({ keyfile }) {
      return controlCode(toBinary(keyfile));
    },

    /** What a keyfile is, once it opens. */
    async inspect({ keyfile, passphrase = "" }) {
      const key = await load(keyfile, passphrase);
      return { ...about(key, keyfile), protected: isProtected(keyfile), label: key.badge?.label ?? "", mark: mark(key.master) };
    },

    /** The same key under another passphrase, or under none. */
    async protect({ keyfile, passphrase = "", newPassphrase = "" }) {
      const key = await load(keyfile, passphrase);
      return about(key, await dump(key, newPassphrase));
    },

    /** A key on paper: lines to type and what the QR code says (keykeeping/sheet.js, qr.js). */
    async sheet({ keyfile }) {
      return sheets.draw(keyfile);
    },

    /** The keyfile that a sheet gives back, from its lines or its code. */
    async fromSheet({ lines }) {
      return { keyfile: await sheets.fromLines(lines) };
    },

    /** The master key in shares, of which `threshold` are enough. */
    async split({ keyfile, passphrase = "", threshold, count }) {
      return shares.split(await owner(keyfile, passphrase), threshold, count);
    },

    /**
     * The master's keyfile again from its shares. Words alone don't say of which repository they are: `repository` (hex) and `suite` do,
     * or `store`, the address of its objects.
     */
    async combine({ typed, repository, suite, store }) {
      if (store) {
        const name = configName(1);
        const found = parse(await makeStore(store).fetchObject(name, 0, SIZE), CONFIG, null, name);
        [repository, suite] = [hex(found.repository), found.suite];
      }
      return { keyfile: await shares.combine(typed, { suite, ...(repository && { repository: unhex(repository) }) }) };
    },

    /** Forgets the master that was made here. */
    async forgetMaster() {
      master = null;
    },

    /** The config that begins a new epoch, to publish under the next number. The repository must be open with its master. */
    async nextEpoch() {
      const { key, config } = here().repository;
      return { number: config.number + 1, config: await nextEpoch(config, key, now()) };
    },

    /** The config that revokes a key, to publish under the next number. */
    async revoke({ key: id, last }) {
      const { key, config } = here().repository;
      return { number: config.number + 1, config: revoking(config, key, { keyId: unhex(id), last }, now()) };
    },
  };
}
