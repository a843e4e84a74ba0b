// Files sealed and opened in the worker: the key is in the link, which only the page shows.
import { BackupError } from "../errors.js";
import { milliseconds } from "../format/times.js";
import { fromFragment } from "../sealing/keys.js";
import { open } from "../sealing/open.js";
import { ofFile, resume, seal } from "../sealing/seal.js";

/** @param {(objects: string) => import("../stores/http.js").Store} makeStore */
export function sealingCalls(makeStore) {
  const running = new Map();
  const about = (sealing) => ({ link: sealing.link, size: sealing.size, fragments: sealing.fragments, state: sealing.state() });

  return {
    /** Begins with a file, or goes on with one from its `state`. What follows # in the link is `link`. */
    async seal({ name, file, message, passphrase = "", state }) {
      const sealing = state ? await resume(ofFile(file, message), { passphrase }, state) : seal(ofFile(file, message), { passphrase });
      running.set(name, sealing);
      return about(sealing);
    },

    /** The bytes to send at `number` times 8 MiB, and the state to keep once they are sent. */
    async fragment({ name, number }) {
      const sealing = running.get(name);
      if (!sealing) throw new BackupError("no such file is being sealed");
      const bytes = await sealing.fragment(number);
      return { bytes, state: sealing.state() };
    },

    async sealed({ name }) {
      running.delete(name);
    },

    /** The clear bytes of a sealed file of the store. */
    async unseal({ store, name, link, passphrase = "" }, { signal, progress }) {
      const { fetchObject } = makeStore(store);
      const read = (offset, length) => fetchObject(name, offset, length, signal);
      const { content, modified, ...rest } = await open(read, fromFragment(link), passphrase);
      return { about: { ...rest, modified: modified === null ? null : milliseconds(modified) }, chunks: counted(content, progress) };
    },
  };
}

async function* counted(chunks, progress) {
  let bytes = 0;
  for await (const chunk of chunks) {
    progress({ bytes: (bytes += chunk.length) });
    yield chunk;
  }
}
