// The directories of a snapshot: one, a path down them, and all below one.
import { hex } from "../bytes.js";
import { Damaged, Missing } from "../errors.js";
import { TREE } from "../format/blobs.js";
import { toBytes, toText } from "../format/names.js";
import { compare, DIRECTORY, parse } from "../format/trees.js";
import { asDamaged } from "./repository.js";

const DEEPEST = 2048;

/** @param {import("./catalogue.js").Catalogue} catalogue @returns {import("../format/trees.js").Node} */
export const root = ({ snapshot }) => ({ t: DIRECTORY, n: new Uint8Array(), m: 0o700, mt: 0, c: snapshot.root, p: snapshot.depth });

/** What a directory holds. Throws Damaged for anything that could lead out of it. */
export async function* nodes(catalogue, directory, signal) {
  let after = null;
  for await (const id of catalogue.unfold(directory.c, directory.p ?? 0, signal)) {
    for (const node of parse(await catalogue.read(id, TREE, signal), after, `tree ${hex(id).slice(0, 16)}`)) {
      after = node.n;
      yield node;
    }
  }
}

/** The node at a path from the root. Throws Missing. @param {string} path */
export async function find(catalogue, path, signal) {
  let node = root(catalogue);
  for (const name of path.split("/").filter(Boolean)) {
    const found = node.t === DIRECTORY ? await child(catalogue, node, toBytes(name), signal) : null;
    if (!found) throw new Missing(path);
    node = found;
  }
  return node;
}

async function child(catalogue, directory, name, signal) {
  for await (const node of nodes(catalogue, directory, signal)) {
    const order = compare(node.n, name);
    if (order === 0) return node;
    if (order > 0) return null;
  }
  return null;
}

/**
 * Everything below a directory with its path from there, a directory before what it holds. Directories that can't be read
 * are told to `trouble`, and the walk goes on. A tree that holds far more than its snapshot says ends it: few blobs can
 * name each other so that there is no end to them.
 * @param {(path: string, error: Damaged) => void} trouble
 * @returns {AsyncGenerator<[path: string, node: import("../format/trees.js").Node]>}
 */
export async function* walk(catalogue, top, trouble, signal) {
  const { files, directories, others } = catalogue.snapshot;
  let left = 2 * (files + directories + others) + 1000;
  const waiting = [["", top, 0]];
  while (waiting.length) {
    const [path, directory, depth] = waiting.pop();
    const below = [];
    try {
      if (depth > DEEPEST) throw new Damaged(path, `lies more than ${DEEPEST} directories deep`);
      for await (const node of nodes(catalogue, directory, signal)) {
        if ((left -= 1) < 0) break;
        const place = path + toText(node.n);
        yield [place, node];
        if (node.t === DIRECTORY) below.push([`${place}/`, node, depth + 1]);
      }
    } catch (error) {
      trouble(path, asDamaged(error));
    }
    for (const each of below.reverse()) waiting.push(each);
    if (left < 0) return trouble("", new Damaged("tree", "holds far more than its snapshot says"));
  }
}
