// Snapshots and nodes as a page shows them. Times are milliseconds since 1970.
import { toText } from "../format/names.js";
import { milliseconds } from "../format/times.js";
import { DIRECTORY, FILE } from "../format/trees.js";
import { METADATA } from "../reading/diff.js";

/** @param {import("../format/snapshots.js").Snapshot} snapshot @param {import("../reading/history.js").History} history */
export function summary(snapshot, history) {
  const { id, writer, sequence, source, host, files, directories, others, bytes, added, fresh, dense, changed, unread, notes } = snapshot;
  const [started, finished, received] = [snapshot.started, snapshot.finished, snapshot.received].map(milliseconds);
  return {
    id, writer, sequence, source, host, files, directories, others, bytes, added, fresh, dense, changed, unread, notes,
    started, finished, received,
    writerLabel: history.badges.get(writer)?.label ?? "",
    paths: snapshot.paths.map(toText),
    tags: history.tagsOf(snapshot),
    forgotten: history.isForgotten(snapshot),
    held: history.isHeld(snapshot),
  };
}

/** `name` leads back to the node; `shown` is for people: what isn't text, or would turn the line around, is written out. */
export function described(node) {
  const name = toText(node.n);
  return {
    name, shown: shown(name), type: node.t, mode: node.m, modified: milliseconds(node.mt),
    ...(node.s !== undefined && { size: node.s }),
    ...(node.l && { target: shown(toText(node.l)) }),
    ...(node.un && { owner: node.un }),
    ...(node.a && { about: { ...node.a } }),
  };
}

/** What happened to one path. @param {import("../reading/diff.js").Change} change */
export const changed = ({ path, what, before, after, fields }) => ({
  path, shown: shown(path), what, fields,
  ...(before && { before: sized(before) }),
  ...(after && { after: sized(after) }),
});

const sized = (node) => ({ type: node.t, modified: milliseconds(node.mt), ...(node.s !== undefined && { size: node.s }) });

/** What a row of changes comes to. */
export class Tally {
  total = 0;
  plain = { files: {}, directories: {}, others: {}, bytesAdded: 0, bytesRemoved: 0 };

  /** @param {import("../reading/diff.js").Change} change */
  count({ what, before, after }) {
    const row = this.plain[{ [FILE]: "files", [DIRECTORY]: "directories" }[(after ?? before).t] ?? "others"];
    row[what] = (row[what] ?? 0) + 1;
    this.total += 1;
    if (what === METADATA) return;
    this.plain.bytesAdded += after?.s ?? 0;
    this.plain.bytesRemoved += before?.s ?? 0;
  }
}

/** @param {string} name */
export const shown = (name) =>
  name.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Cs}]/gu, (sign) => {
    const code = sign.charCodeAt(0);
    return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code - 0xdc00).toString(16)}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
