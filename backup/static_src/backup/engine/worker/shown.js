// Snapshots and nodes as a page shows them. Times are milliseconds since 1970.
import { toText } from "../format/names.js";
import { milliseconds } from "../format/times.js";

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

/** @param {string} name */
export const shown = (name) =>
  name.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Cs}]/gu, (sign) => {
    const code = sign.charCodeAt(0);
    return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code - 0xdc00).toString(16)}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
