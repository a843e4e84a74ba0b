// What a page may ask of the worker.
import { Catalogue } from "../reading/catalogue.js";
import { restoreInto } from "../disk/folder.js";
import { compare } from "../reading/diff.js";
import { content } from "../reading/files.js";
import { openRepository } from "../reading/repository.js";
import { search } from "../reading/search.js";
import { find, nodes, root } from "../reading/tree.js";
import { FILE } from "../format/trees.js";
import { BackupError, Missing } from "../errors.js";
import { load } from "../format/keyfile.js";
import { httpStore } from "../stores/http.js";
import { archive } from "../zip/archive.js";
import { keyCalls } from "./keys.js";
import { sealingCalls } from "./sealing.js";
import { changed, described, summary, Tally } from "./shown.js";
import { spoolCalls } from "./spool.js";

const MOST_LISTED = 1000, MOST_FOUND = 1000, MOST_CHANGES = 100_000;
/** Catalogues that are kept at once: as many as a comparison needs, for indexes are large. */
const CATALOGUES = 2;

/**
 * One repository at a time: a page that shows two has two workers.
 * @param {(objects: string, signIn?: () => Promise<void>) => import("../stores/http.js").Store} makeStore
 * @param {() => void} [sessionOver] tells the page that somebody must sign in again
 */
export function calls(makeStore = httpStore, sessionOver = undefined) {
  let opened = null;
  let signingIn = null;
  /** Until the page says `signedIn`; whoever waits meanwhile waits with it. */
  const signIn = () => {
    if (!signingIn) {
      signingIn = {};
      signingIn.promise = new Promise((resolve) => (signingIn.resolve = resolve));
      sessionOver();
    }
    return signingIn.promise;
  };
  const here = () => {
    if (!opened) throw new BackupError("no repository is open");
    return opened;
  };

  const reported = (token, told) => token && here().state.reports.set(token, told);

  /** The snapshot's catalogue, kept for the next calls. */
  async function catalogue(id, options) {
    const { repository, state } = here();
    if (!state.catalogues.has(id)) {
      const { history, snapshots } = await (state.known ??= listing(repository, options.signal).catch((error) => {
        state.known = null;
        throw error;
      }));
      const snapshot = snapshots.find((each) => each.id === id);
      if (!snapshot) throw new Missing(`snapshot ${id}`);
      const made = Catalogue.open(repository, snapshot, history, {
        signal: options.signal,
        progress: (done, total) => options.progress({ indexes: done, of: total }),
      });
      state.catalogues.set(id, made);
      made.catch(() => state.catalogues.delete(id));
    }
    const made = state.catalogues.get(id);
    state.catalogues.delete(id);
    state.catalogues.set(id, made); // what was used last is last to go
    while (state.catalogues.size > CATALOGUES) state.catalogues.delete(state.catalogues.keys().next().value);
    return made;
  }

  return {
    /**
     * Reads the keyfile and opens the repository with it. A second of work where there is a passphrase. With `waits`, reading goes on
     * once the page has said `signedIn`, when the session ends in between.
     */
    async open({ keyfile, passphrase = "", store, seen = 0, waits = false }) {
      const key = await load(keyfile, passphrase);
      const repository = await openRepository(makeStore(store, waits ? signIn : undefined), key, seen);
      opened = { repository, state: { known: null, catalogues: new Map(), reports: new Map() } };
      const { config } = repository;
      const { number, isolated, epochs } = config;
      return { role: key.label, key: key.id, number, isolated, epochs: epochs.length, revoked: config.revoked.has(key.id) };
    },

    /** Somebody has signed in again: what waits goes on. */
    async signedIn() {
      signingIn?.resolve();
      signingIn = null;
    },

    /** Forgets key and repository. */
    async close() {
      opened = null;
    },

    async snapshots(_args, { signal }) {
      const { repository, state } = here();
      state.known = listing(repository, signal);
      const { history, snapshots, problems } = await state.known;
      return { snapshots: snapshots.map((each) => summary(each, history)), problems: problems.map((each) => each.plain) };
    },

    /** A directory from entry `offset` on. */
    async list({ snapshot, path = "", offset = 0, limit = MOST_LISTED }, options) {
      const where = await catalogue(snapshot, options);
      const directory = path ? await find(where, path, options.signal) : root(where);
      if (directory.t === FILE) throw new BackupError("a file isn't a directory");
      const entries = [];
      let total = 0;
      for await (const node of nodes(where, directory, options.signal)) {
        if (total >= offset && entries.length < limit) entries.push(described(node));
        total += 1;
      }
      return { entries, total, missing: where.missing.map((each) => each.plain) };
    },

    /** What is found is told on the way as well. */
    async search({ snapshot, query, limit = MOST_FOUND }, options) {
      const where = await catalogue(snapshot, options);
      const found = [];
      const problems = [];
      let looked = 0;
      for await (const hit of search(where, query, (_path, error) => problems.push(error.plain), options.signal)) {
        options.signal.throwIfAborted();
        looked += 1;
        if (hit) found.push({ path: hit[0], ...described(hit[1]) });
        if (found.length > limit) break;
        options.progress({ looked, found: found.length });
      }
      return { found: found.slice(0, limit), more: found.length > limit, looked, problems };
    },

    /** What changed from one snapshot to another: the first changes, and what all of them come to. */
    async compare({ before, after, limit = MOST_CHANGES }, options) {
      const [one, other] = [await catalogue(before, options), await catalogue(after, options)];
      const [changes, problems, tally] = [[], [...one.missing, ...other.missing].map((each) => each.plain), new Tally()];
      let looked = 0;
      for await (const change of compare(one, other, (path, error) => problems.push({ ...error.plain, path }), options.signal)) {
        looked += 1;
        if (change) {
          tally.count(change);
          if (changes.length < limit) changes.push(changed(change));
        }
        options.progress({ looked, found: tally.total });
      }
      return { changes, total: tally.total, ...tally.plain, problems };
    },

    /** The bytes of a file; with a `token`, `report` tells what came of it. */
    async file({ snapshot, path, token }, options) {
      const where = await catalogue(snapshot, options);
      const node = await find(where, path, options.signal);
      if (node.t !== FILE) throw new BackupError(`${path} isn't a file`);
      const report = (bytes) => reported(token, { files: 1, bytes, problems: [] });
      const chunks = counted(content(where, node, path, options.signal), options.progress, report);
      return { about: described(node), chunks };
    },

    /** The bytes of a zip of these paths; of all where there is none. With a `token`, `report` tells what came of it. */
    async zip({ snapshot, paths = [], token }, options) {
      const where = await catalogue(snapshot, options);
      const report = (told) => reported(token, told);
      return { about: { paths }, chunks: archive(where, paths, { signal: options.signal, progress: options.progress, report }) };
    },

    /** Writes these paths, or all, into a new folder `name` of a folder that the person chose. Gives what came of it. */
    async folder({ snapshot, paths = [], folder, name }, options) {
      return restoreInto(await catalogue(snapshot, options), paths, { folder, name }, options);
    },

    /** What came of a `file` or `zip` that was given this token, once its stream has come to its end. */
    async report({ token }) {
      const { reports } = here().state;
      const told = reports.get(token);
      reports.delete(token);
      return told;
    },

    ...keyCalls(here, makeStore),
    ...sealingCalls(makeStore),
    ...spoolCalls(),
  };
}

async function listing(repository, signal) {
  const history = await repository.history();
  return { history, ...(await repository.snapshots(history, signal)) };
}

async function* counted(chunks, progress, report) {
  let bytes = 0;
  for await (const chunk of chunks) {
    progress({ bytes: (bytes += chunk.length) });
    yield chunk;
  }
  report(bytes);
}
