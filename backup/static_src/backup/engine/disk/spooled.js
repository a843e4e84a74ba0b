// Through a file that the browser keeps apart (OPFS), which is taken away again: what was restored must not stay behind.
import { FOLDER } from "../worker/spool.js";
import { download } from "./target.js";

const lockOf = (name) => `${FOLDER}/${name}`;

/** Not in private windows, nor in old browsers. */
export async function works() {
  try {
    await navigator.storage.getDirectory();
    return Boolean(globalThis.FileSystemFileHandle && navigator.locks);
  } catch {
    return false;
  }
}

/** @param {string} name @returns {import("./target.js").Save} */
export const save = (name) => async (engine, call, args, options) => {
  await sweep();
  const own = crypto.randomUUID();
  await navigator.locks.request(lockOf(own), async () => {
    await engine.call("spool", { name: own, call, args }, options);
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER);
    const file = await (await folder.getFileHandle(own)).getFile();
    await download(file, name);
    // The download reads on; the file goes once this page is left, when the next one opens. Asked for here, it follows at once.
    hold(own);
  });
};

/** Keeps a file until the page is left: whoever sweeps finds its lock taken. */
function hold(name) {
  void navigator.locks.request(lockOf(name), () => new Promise((resolve) => addEventListener("pagehide", resolve, { once: true })));
}

// What was restored before on this computer isn't left to lie until somebody restores again.
if (globalThis.document) void works().then((can) => can && sweep());

/** Take away what pages left behind that are gone. */
export async function sweep() {
  const top = await navigator.storage.getDirectory();
  const folder = await top.getDirectoryHandle(FOLDER, { create: true });
  for await (const name of folder.keys())
    await navigator.locks.request(lockOf(name), { ifAvailable: true }, async (lock) => lock && folder.removeEntry(name));
}
