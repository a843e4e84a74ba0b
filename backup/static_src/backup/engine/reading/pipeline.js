// Many blobs in a row: fetched ahead, several ranges at once, those that lie side by side in one; bounded in memory.
import { hex } from "../bytes.js";
import { Damaged } from "../errors.js";
import * as layout from "../format/layout.js";
import { asDamaged } from "./repository.js";

/** Bytes of content in a batch, and batches that are under way at once. */
const BATCH = 8 << 20, MOST_ITEMS = 2048, AHEAD = 3;
const GAP = 64 << 10, RANGE = 8 << 20;
const AT_ONCE = 6;

/**
 * Each item in its order, with the content of the blob that it names: `{item, content}` or `{item, error}` where that is
 * damaged. An item without an `id` passes as it is.
 * @template {{id?: Uint8Array, type?: number}} T
 * @param {import("./catalogue.js").Catalogue} catalogue @param {AsyncIterable<T>} items @param {AbortSignal} [outer]
 */
export async function* delivered(catalogue, items, outer) {
  const stop = new AbortController();
  const forward = () => stop.abort(outer.reason);
  outer?.addEventListener("abort", forward, { once: true });
  const gate = gated(AT_ONCE);
  const source = batches(catalogue, items);
  const queue = [];
  try {
    for (let ended = false; ; ) {
      while (!ended && queue.length < AHEAD) {
        const { value, done } = await source.next();
        if (done) ended = true;
        else queue.push(start(catalogue, value, gate, stop.signal));
      }
      if (!queue.length) return;
      for (const each of queue.shift()) {
        outer?.throwIfAborted();
        yield { item: each.item, ...(await each.outcome) };
      }
    }
  } finally {
    outer?.removeEventListener("abort", forward);
    stop.abort();
    await source.return();
  }
}

async function* batches(catalogue, items) {
  let batch = [];
  let weight = 0;
  for await (const item of items) {
    const places = item.id ? catalogue.places(item.id) : [];
    batch.push({ item, place: places[0] });
    weight += places.length ? Math.max(places[0].entry.length, places[0].entry.stored) : 0;
    if (weight < BATCH && batch.length < MOST_ITEMS) continue;
    yield batch;
    batch = [];
    weight = 0;
  }
  if (batch.length) yield batch;
}

/** Begins all fetches of a batch; each of it gets an `outcome`. */
function start(catalogue, batch, gate, signal) {
  const wanted = batch.filter((each) => each.place);
  for (const range of ranges(wanted)) {
    const name = layout.packName(range.pack);
    const bytes = gate(() => catalogue.repository.store.fetchObject(name, range.start, range.end - range.start, signal));
    for (const each of range.members) {
      const { offset, stored } = each.place.entry;
      const part = bytes.then((whole) => whole.subarray(offset - range.start, offset - range.start + stored));
      each.outcome = outcome(catalogue, each, part, signal);
    }
  }
  for (const each of batch) {
    if (!each.item.id) each.outcome = Promise.resolve({});
    else each.outcome ??= outcome(catalogue, each, Promise.reject(unlisted(each.item.id)), signal);
    // It may fail before anybody waits for it.
    each.outcome.catch(() => {});
  }
  return batch;
}

async function outcome(catalogue, { item, place }, part, signal) {
  try {
    return { content: await catalogue.decode(place, item.type, await part) };
  } catch (error) {
    try {
      return { content: await catalogue.read(item.id, item.type, signal, place, asDamaged(error)) };
    } catch (again) {
      return { error: asDamaged(again) };
    }
  }
}

const unlisted = (id) => new Damaged(`blob ${hex(id).slice(0, 16)}`, "no index of the snapshot lists it");

/** What lies close together in one pack, as one part of it. */
function ranges(wanted) {
  const found = [];
  const ordered = wanted.map((each) => [hex(each.place.pack), each]);
  ordered.sort(([pack, one], [otherPack, other]) =>
    pack === otherPack ? one.place.entry.offset - other.place.entry.offset : pack < otherPack ? -1 : 1);
  let last = null;
  for (const [label, each] of ordered) {
    const { offset, stored } = each.place.entry;
    const end = offset + stored;
    if (last?.label === label && offset <= last.end + GAP && end - last.start <= RANGE) {
      last.members.push(each);
      last.end = Math.max(last.end, end);
    } else found.push((last = { label, pack: each.place.pack, start: offset, end, members: [each] }));
  }
  return found;
}

/** At most so many at once. */
function gated(most) {
  let free = most;
  const waiting = [];
  const release = () => {
    free += 1;
    waiting.shift()?.();
  };
  return async (work) => {
    while (!free) await new Promise((resolve) => waiting.push(resolve));
    free -= 1;
    return work().finally(release);
  };
}
