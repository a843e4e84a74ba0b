// Reads {expressions, conditions: {nodes, types}, lines, labels} on stdin: what the builder's own rules make of each.
import { readFileSync } from "node:fs";

globalThis.gettext = (text) => text;
const { write } = await import("../../../ecrf/static_src/ecrf/builder/formula.js");
const { toNode, toRows } = await import("../../../ecrf/static_src/ecrf/builder/conditions.js");
const { items, move, renameItem, slug } = await import("../../../ecrf/static_src/ecrf/builder/data.js");
const { bringIn } = await import("../../../ecrf/static_src/ecrf/builder/insert.js");

const asked = JSON.parse(readFileSync(0, "utf8"));
const typeOf = (key) => asked.types[key] ?? "text";
const again = (node) => {
  const rows = toRows(node, typeOf);
  return rows && toNode(rows, typeOf);
};
const keys = (data) => [...items(data)].map(({ item }) => item.key);
const inserted = bringIn(asked.definition, asked.definition, 1);
const moved = move(asked.definition, asked.moved.paths, asked.moved.list, asked.moved.place);

process.stdout.write(
  JSON.stringify({
    texts: asked.expressions.map((node) => write(node)),
    again: asked.conditions.map(again),
    slugs: asked.labels.map(slug),
    renamed: renameItem(asked.definition, asked.renamed.path, asked.renamed.key),
    inserted: { keys: keys(inserted.data), changed: inserted.changed, data: inserted.data },
    moved: { keys: keys(moved.data), paths: moved.moved, first: moved.data.pages[0].groups.length },
  }),
);
