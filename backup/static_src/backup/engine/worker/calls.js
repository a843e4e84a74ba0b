// What a page may ask of the worker.
import { Catalogue } from "../reading/catalogue.js";
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
import { described, summary } from "./shown.js";
import { spoolCalls } from "./spool.js";

const MOST_LISTED = 1000, MOST_FOUND = 1000;

/** One repository at a time: a page that shows two has two workers. @param {(objects: string) => import("../stores/http.js").Store} makeStore */
export function calls(makeStore = httpStore) {
  let opened = null;
  const here = () => {
    if (!opened) throw new BackupError("no repository is open");
    return opened;
  };

  /** The snapshot's catalogue, kept for the next call: of one snapshot at a time, for indexes are large. */
  async function catalogue(id, options) {
    const { repository, state } = here();
    if (state.catalogue?.id !== id) {
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
      state.catalogue = { id, made };
      made.catch(() => (state.catalogue = null));
    }
    return state.catalogue.made;
  }

  return {
    /** Reads the keyfile and opens the repository with it. A second of work where there is a passphrase. */
    async open({ keyfile, passphrase = "", store, seen = 0 }) {
      const key = await load(keyfile, passphrase);
      const repository = await openRepository(makeStore(store), key, seen);
      opened = { repository, state: { known: null, catalogue: null } };
      const { config } = repository;
      return { role: key.label, key: key.id, number: config.number, isolated: config.isolated, epochs: config.epochs.length };
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

    /** The bytes of a file. */
    async file({ snapshot, path }, options) {
      const where = await catalogue(snapshot, options);
      const node = await find(where, path, options.signal);
      if (node.t !== FILE) throw new BackupError(`${path} isn't a file`);
      const chunks = counted(content(where, node, path, options.signal), options.progress);
      return { about: described(node), chunks };
    },

    /** The bytes of a zip of these paths; of all where there is none. */
    async zip({ snapshot, paths = [] }, options) {
      const where = await catalogue(snapshot, options);
      return { about: { paths }, chunks: archive(where, paths, { signal: options.signal, progress: options.progress }) };
    },

    ...keyCalls(here),
    ...sealingCalls(makeStore),
    ...spoolCalls(),
  };
}

async function listing(repository, signal) {
  const history = await repository.history();
  return { history, ...(await repository.snapshots(history, signal)) };
}

async function* counted(chunks, progress) {
  let bytes = 0;
  for await (const chunk of chunks) {
    progress({ bytes: (bytes += chunk.length) });
    yield chunk;
  }
}
