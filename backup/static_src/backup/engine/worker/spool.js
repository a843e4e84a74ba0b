// A stream into a file that the browser keeps apart (OPFS), for browsers that can't write to a place of the person's choice.
import { BackupError, TooLarge } from "../errors.js";

export const FOLDER = "backup-restores";

export function spoolCalls() {
  return {
    /** Runs another call and writes its stream to the file `name`. Answers once all of it is there. */
    async spool({ name, call, args }, options) {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
      const file = await folder.getFileHandle(name, { create: true });
      const access = await file.createSyncAccessHandle();
      let size = 0;
      let whole = false;
      try {
        const { about, chunks } = await options.at(call)(args, options);
        if (!chunks) throw new BackupError(`${call} gives no stream`);
        for await (const chunk of chunks) {
          options.signal.throwIfAborted();
          write(access, chunk, size);
          size += chunk.length;
        }
        access.flush();
        whole = true;
        return { about, size };
      } finally {
        access.close();
        // Half a file would be taken for a whole one.
        if (!whole) await folder.removeEntry(name);
      }
    },
  };
}

function write(access, chunk, at) {
  try {
    for (let done = 0; done < chunk.length; ) done += access.write(chunk.subarray(done), { at: at + done });
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error;
    throw new TooLarge("the browser has no room left for this restore: free space on this computer, or restore less at once");
  }
}
