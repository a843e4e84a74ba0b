// Names in a snapshot that hold what is looked for, whatever their case and accents; `*` and `?` as in a shell.
import { root, walk } from "./tree.js";

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** A test of paths. A query with `/` looks at the whole path, one with `*` or `?` at all of the name. @param {string} query */
export function matcher(query) {
  const wanted = plain(query.trim());
  const of = (path) => plain(wanted.includes("/") ? path : path.slice(path.lastIndexOf("/") + 1));
  if (!/[*?]/.test(wanted)) return (path) => of(path).includes(wanted);
  const parts = wanted.split(/\*+/);
  return (path) => inOrder(of(path), parts);
}

/** Whether the parts are in a name one after the other, the first at its beginning and the last at its end; in linear steps. */
function inOrder(name, parts) {
  const [first, ...rest] = parts;
  if (!startsAt(name, first, 0)) return false;
  if (!rest.length) return name.length === first.length;
  const last = rest.pop();
  let at = first.length;
  for (const part of rest) {
    while (at + part.length <= name.length && !startsAt(name, part, at)) at += 1;
    at += part.length;
  }
  return at + last.length <= name.length && startsAt(name, last, name.length - last.length);
}

function startsAt(name, part, at) {
  if (at + part.length > name.length) return false;
  for (let each = 0; each < part.length; each++) if (part[each] !== "?" && part[each] !== name[at + each]) return false;
  return true;
}

/** @returns {AsyncGenerator<[path: string, node: import("../format/trees.js").Node] | null>} null for what doesn't match */
export async function* search(catalogue, query, trouble, signal) {
  const matches = matcher(query);
  for await (const [path, node] of walk(catalogue, root(catalogue), trouble, signal)) yield matches(path) ? [path, node] : null;
}
