// What goes into an archive, in order: entries, each file followed by its pieces, and what can't go in.
import { toText } from "../format/names.js";
import { DIRECTORY, FILE, LINK } from "../format/trees.js";
import { asDamaged } from "../reading/repository.js";
import { pieces } from "../reading/files.js";
import { find, root, walk } from "../reading/tree.js";
import { leadsOut, Names } from "./safe.js";

export const REPORT = "restore-report.json";

/** What was left out and why, for programs and in words. @param {{kind?: string, message: string, object?: string}} error */
export const problem = (path, error) => ({
  path, kind: error.kind ?? "error", message: error.object === path ? error.message : `${path}: ${error.message}`,
});

/**
 * Items for the pipeline: `{entry: {path, name, node}}`, `{id, type}` of a piece of the last entry, `{trouble: {path, error}}`.
 * `path` is the thing's own, `name` where it goes, `renamed` whether it had to be called otherwise.
 * @param {string[]} paths none, or one that is empty, for all of the snapshot
 */
export async function* selection(catalogue, paths, signal) {
  const chosen = outermost(paths.length ? paths : [""]);
  const top = new Names();
  top.add(REPORT);
  for (const path of chosen) {
    const node = path ? await find(catalogue, path, signal) : root(catalogue);
    const own = path.slice(path.lastIndexOf("/") + 1);
    const name = path ? top.add(own) : "";
    if (node.t !== DIRECTORY) yield* one(catalogue, { path, name, node, renamed: name !== own }, signal);
    else {
      if (path) yield { entry: { path, name: `${name}/`, node, renamed: name !== own } };
      yield* below(catalogue, path, node, path ? { prefix: `${name}/`, names: new Names() } : { prefix: "", names: top }, signal);
    }
  }
}

async function* below(catalogue, path, node, here, signal) {
  const start = path && `${path}/`;
  const troubles = [];
  const trouble = (place, error) => troubles.push({ trouble: { path: start + place, error } });
  // Where the directories that are still to come will lie in the archive.
  const prefixes = new Map();
  let [current, { prefix, names }] = ["", here];
  for await (const [place, each] of walk(catalogue, node, trouble, signal)) {
    yield* troubles.splice(0);
    const parent = place.slice(0, place.lastIndexOf("/") + 1);
    if (parent !== current) {
      [current, prefix, names] = [parent, prefixes.get(parent), new Names()];
      prefixes.delete(parent);
    }
    const own = toText(each.n);
    const given = names.add(own);
    const entry = { path: start + place, name: prefix + given, node: each, renamed: given !== own };
    if (each.t === DIRECTORY) {
      prefixes.set(`${place}/`, `${entry.name}/`);
      yield { entry: { ...entry, name: `${entry.name}/` } };
    } else yield* one(catalogue, entry, signal);
  }
  yield* troubles;
}

async function* one(catalogue, entry, signal) {
  const { path, name, node } = entry;
  if (node.t === LINK && leadsOut(name, toText(node.l))) {
    yield { trouble: { path, error: { kind: "outside", message: `a link to ${toText(node.l)}, which is outside: left out` } } };
  } else if (node.t === FILE) {
    yield { entry };
    try {
      yield* pieces(catalogue, node, signal);
    } catch (error) {
      yield { trouble: { path, error: asDamaged(error), broken: true } };
    }
  } else if (node.t === LINK) yield { entry };
  else yield { trouble: { path, error: { kind: "special", message: "of a kind that an archive can't hold: left out" } } };
}

/** Without what lies in another that was chosen. */
function outermost(paths) {
  const clean = [...new Set(paths.map((path) => path.split("/").filter(Boolean).join("/")))].sort();
  return clean.includes("") ? [""] : clean.filter((path) => !clean.some((other) => path.startsWith(`${other}/`)));
}
