// Part of a snapshot as one zip, written as it is read. What is damaged is left out, and told in a report at the end.
import { hex, utf8 } from "../bytes.js";
import { now, seconds } from "../format/times.js";
import { DIRECTORY, FILE, isOnePiece } from "../format/trees.js";
import { Assembly } from "../reading/files.js";
import { delivered } from "../reading/pipeline.js";
import { asDamaged } from "../reading/repository.js";
import { crc32 } from "./crc.js";
import { central, descriptor, end, local } from "./records.js";
import { problem, REPORT, selection } from "./selection.js";

const KINDS = { f: 0o100000, d: 0o040000, l: 0o120000 };
const CHUNK = 256 << 10;

/**
 * The bytes of the zip.
 * @param {import("../reading/catalogue.js").Catalogue} catalogue @param {string[]} paths all where there is none
 * @param {{signal?: AbortSignal, progress?: (done: {files: number, bytes: number, doing: string}) => void,
 *   report?: (told: {files: number, bytes: number, problems: object[]}) => void}} [options] `report`: of all, once it has come to its end
 */
export const archive = (catalogue, paths, options = {}) => joined(new Archive(catalogue, options).parts(paths));

class Archive {
  #at = 0;
  #directory = [];
  #files = [];
  #problems;
  #renamed = [];
  #done = { files: 0, bytes: 0 };
  /** Bytes of the files that came whole. */
  #whole = 0;
  /** The file whose pieces are coming in. */
  #open = null;

  constructor(catalogue, { signal, progress = () => {}, report = () => {} }) {
    Object.assign(this, { catalogue, signal, progress, report });
    this.#problems = catalogue.missing.map((error) => problem(error.object, error));
  }

  async *parts(paths) {
    for await (const { item, content, error } of delivered(this.catalogue, selection(this.catalogue, paths, this.signal), this.signal)) {
      if (item.entry) {
        yield* this.#count(this.#close());
        yield* this.#count(this.#begin(item.entry));
      } else if (item.trouble) this.#trouble(item.trouble);
      else if (error) this.#fail(error);
      else if (this.#open) yield* this.#count(this.#piece(content));
    }
    yield* this.#count(this.#close());
    yield* this.#count(this.#report());
    const start = this.#at;
    for (const record of this.#directory) yield* this.#count([record]);
    yield end(this.#directory.length, start, this.#at - start);
    this.report({ files: this.#done.files, bytes: this.#whole, problems: this.#problems });
  }

  *#begin({ path, name, node, renamed }) {
    if (renamed) this.#renamed.push({ path, name });
    this.#done.doing = path;
    const entry = { name, mode: KINDS[node.t] | (node.m & 0o777), seconds: seconds(node.mt), size: 0, crc: 0, offset: this.#at, described: false };
    if (node.t === FILE) {
      const alone = isOnePiece(node) && !node.e;
      const assembly = new Assembly(node, path, !node.e);
      this.#open = { path, entry: { ...entry, size: node.s, described: !alone }, assembly, whole: [], begun: false };
      if (!alone) yield* this.#head();
    } else {
      const body = node.t === DIRECTORY ? new Uint8Array() : node.l;
      yield* this.#entry({ ...entry, size: body.length, crc: crc32(body) }, body);
    }
  }

  *#piece(content) {
    try {
      for (const part of this.#open.assembly.take(content)) yield* this.#part(part);
    } catch (error) {
      this.#fail(asDamaged(error));
    }
  }

  *#part(part) {
    const file = this.#open;
    file.entry.crc = crc32(part, file.entry.crc);
    this.#done.bytes += part.length;
    this.progress(this.#done);
    if (file.begun) yield part;
    else file.whole.push(part);
  }

  /** The file is at its end: it enters the directory if it is what was saved. */
  *#close() {
    const file = this.#open;
    if (!file) return;
    try {
      for (const part of file.assembly.finish()) yield* this.#part(part);
    } catch (error) {
      return this.#fail(asDamaged(error));
    }
    if (file.begun) yield descriptor(file.entry);
    else {
      yield* this.#head();
      yield* file.whole;
    }
    this.#directory.push(central(file.entry));
    this.#files.push({ path: file.entry.name, ...(!file.assembly.node.e && { blake3: hex(file.assembly.digest) }) });
    this.#done.files += 1;
    this.#whole += file.entry.size;
    this.progress(this.#done);
    this.#open = null;
  }

  *#head() {
    this.#open.begun = true;
    this.#open.entry.offset = this.#at;
    yield local(this.#open.entry);
  }

  *#entry(entry, body) {
    this.#directory.push(central(entry));
    yield local(entry);
    yield body;
  }

  /** What was written of it stays in the file as dead bytes: the directory doesn't name it. */
  #fail(error) {
    if (this.#open) this.#problems.push(problem(this.#open.path, error));
    this.#open = null;
  }

  #trouble({ path, error, broken }) {
    if (broken) this.#fail(error);
    else this.#problems.push(problem(path || "/", error));
  }

  *#report() {
    const problems = this.#problems.map(({ message }) => message);
    const report = { snapshot: this.catalogue.snapshot.id, files: this.#files, renamed: this.#renamed, problems };
    const body = utf8(JSON.stringify(report, null, 1));
    const entry = { name: REPORT, mode: KINDS.f | 0o644, seconds: seconds(now()), described: false };
    yield* this.#entry({ ...entry, size: body.length, crc: crc32(body), offset: this.#at }, body);
  }

  /** Everything that leaves passes here, one after the other, so that each header knows where it stands. */
  *#count(parts) {
    for (const part of parts) {
      this.#at += part.length;
      yield part;
    }
  }
}

/** Small parts together, large ones as they are. */
async function* joined(parts) {
  let waiting = new Uint8Array(CHUNK);
  let filled = 0;
  for await (const part of parts) {
    if (filled && filled + part.length > CHUNK) {
      yield waiting.slice(0, filled);
      filled = 0;
    }
    if (part.length >= CHUNK) yield part;
    else {
      waiting.set(part, filled);
      filled += part.length;
    }
  }
  yield waiting.slice(0, filled);
}
