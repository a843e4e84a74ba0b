// Part of a snapshot into a folder of this computer, each file whole or not at all (File System Access).
import { BackupError, TooLarge } from "../errors.js";
import { DIRECTORY, FILE } from "../format/trees.js";
import { Assembly } from "../reading/files.js";
import { delivered } from "../reading/pipeline.js";
import { asDamaged } from "../reading/repository.js";
import { problem, selection } from "../zip/selection.js";

/**
 * Writes into a new folder of this name below `folder`: nothing that is there already is touched. Modes, owners and times
 * don't come back this way, links neither.
 * @param {import("../reading/catalogue.js").Catalogue} catalogue @param {string[]} paths all where there is none
 * @param {{folder: FileSystemDirectoryHandle, name: string}} where
 * @param {{signal?: AbortSignal, progress?: (done: {files: number, bytes: number, doing: string}) => void}} [options]
 * @returns {Promise<{name: string, files: number, bytes: number, problems: object[], failed?: {kind: string, message: string}}>} `failed`:
 *   it ended early, and the files that were whole by then are there
 */
export async function restoreInto(catalogue, paths, { folder, name }, { signal, progress = () => {} } = {}) {
  const top = await created(folder, name);
  const into = new Into(top, progress);
  into.problems.push(...catalogue.missing.map((error) => problem(error.object, error)));
  try {
    for await (const { item, content, error } of delivered(catalogue, selection(catalogue, paths, signal), signal)) {
      if (item.entry) {
        await into.close();
        await into.begin(item.entry);
      } else if (item.trouble) await into.trouble(item.trouble);
      else if (error) await into.fail(error);
      else await into.piece(content);
    }
    await into.close();
  } catch (error) {
    await into.abort();
    return { name: top.name, ...into.done, problems: into.problems, failed: ended(error) };
  }
  return { name: top.name, ...into.done, problems: into.problems };
}

/** Why it ended before all was there: what came before stays. */
function ended(error) {
  if (error instanceof BackupError) return error.plain;
  if (error.name === "QuotaExceededError") return new TooLarge("there is no room left on this computer").plain;
  if (error.name === "NotAllowedError") return { kind: "not-allowed", message: "the browser may not write into this folder" };
  throw error;
}

/** A folder that isn't there yet. */
async function created(folder, name) {
  for (let number = 1; ; number++) {
    const wanted = number === 1 ? name : `${name} (${number})`;
    try {
      await folder.getDirectoryHandle(wanted);
    } catch (error) {
      if (error.name === "NotFoundError") return folder.getDirectoryHandle(wanted, { create: true });
      if (error.name !== "TypeMismatchError") throw error;
    }
  }
}

class Into {
  done = { files: 0, bytes: 0 };
  problems = [];
  /** The file whose pieces are coming in. */
  #open = null;
  #last;

  constructor(top, progress) {
    Object.assign(this, { top, progress });
    this.#last = ["", top];
  }

  async begin({ path, name, node }) {
    this.progress({ ...this.done, doing: path });
    try {
      if (node.t === DIRECTORY) await this.#folder(name.slice(0, -1));
      else if (node.t !== FILE) this.problems.push(problem(path, { kind: "link", message: "a link: left out" }));
      else {
        const at = name.lastIndexOf("/") + 1;
        const folder = await this.#folder(name.slice(0, Math.max(at - 1, 0)));
        const handle = await folder.getFileHandle(name.slice(at), { create: true });
        const undo = () => folder.removeEntry(name.slice(at));
        const file = await handle.createWritable().catch(async (error) => {
          await undo();
          throw error;
        });
        this.#open = { path, undo, file, assembly: new Assembly(node, path), size: 0 };
      }
    } catch (error) {
      this.#unwritten(path, error);
    }
  }

  async piece(content) {
    if (this.#open) await this.#write(() => this.#open.assembly.take(content));
  }

  /** The file takes its name and content only if it is what was saved. */
  async close() {
    if (!this.#open || !(await this.#write(() => this.#open.assembly.finish()))) return;
    const { path, file, size } = this.#open;
    this.#open = null;
    try {
      await file.close();
    } catch (error) {
      return this.#unwritten(path, error);
    }
    this.done.files += 1;
    this.done.bytes += size;
  }

  async fail(error) {
    const { path } = this.#open ?? {};
    await this.abort();
    if (path !== undefined) this.problems.push(problem(path, error));
  }

  async trouble({ path, error, broken }) {
    if (broken) return this.fail(error);
    this.problems.push(problem(path || "/", error));
  }

  async abort() {
    const open = this.#open;
    this.#open = null;
    if (!open) return;
    await open.file.abort();
    await open.undo();
  }

  /** Whether all of it was written. */
  async #write(parts) {
    const open = this.#open;
    try {
      for (const part of parts()) {
        await open.file.write(part);
        open.size += part.length;
        this.progress({ files: this.done.files, bytes: this.done.bytes + open.size, doing: open.path });
      }
      return true;
    } catch (error) {
      if (error instanceof DOMException) {
        await this.abort();
        this.#unwritten(open.path, error);
      } else await this.fail(asDamaged(error));
      return false;
    }
  }

  /** This computer refuses one name or file: the others go on. Without room, or without the right, none would. */
  #unwritten(path, error) {
    if (error.name === "QuotaExceededError" || error.name === "NotAllowedError") throw error;
    this.problems.push(problem(path, { kind: "unwritten", message: `this computer doesn't take it: ${error.name}` }));
  }

  async #folder(path) {
    if (this.#last[0] !== path) {
      let handle = this.top;
      for (const name of path.split("/").filter(Boolean)) handle = await handle.getDirectoryHandle(name, { create: true });
      this.#last = [path, handle];
    }
    return this.#last[1];
  }
}
