// A file goes out: sealed fragment by fragment, sent piece by piece, and what is there already isn't sent again.
import { FRAGMENT } from "../engine/sealing/layout.js";
import { put } from "./server.js";

/**
 * @param {{engine: import("../engine/worker/client.js").Engine, size: number, piece: number, have: number[], addressOf: (number: number) => string,
 *   keep: (state: object) => void, progress: (sent: number) => void, signal: AbortSignal}} what `keep` holds on to what is needed to go on,
 *   before a byte of it leaves
 */
export async function upload({ engine, size, piece, have, addressOf, keep, progress, signal }) {
  const there = new Set(have);
  const lengthOf = (number) => Math.min(piece, size - number * piece);
  const count = Math.ceil(size / piece), each = FRAGMENT / piece;
  let sent = have.reduce((sum, number) => sum + lengthOf(number), 0);
  progress(sent);
  const missing = Array.from({ length: count }, (_, number) => number).filter((number) => !there.has(number));
  const fragments = [...new Set(missing.map((number) => Math.floor(number / each)))];
  const make = (number) => {
    const making = engine.call("fragment", { name: "file", number });
    making.catch(() => {});
    return making;
  };
  let making = fragments.length && make(fragments[0]);
  for (const [index, fragment] of fragments.entries()) {
    const { bytes, state } = await making;
    signal.throwIfAborted();
    keep(state);
    if (index + 1 < fragments.length) making = make(fragments[index + 1]);
    for (let number = fragment * each; number < Math.min((fragment + 1) * each, count); number++) {
      if (there.has(number)) continue;
      const start = (number - fragment * each) * piece;
      await put(addressOf(number), bytes.subarray(start, start + lengthOf(number)), (part) => progress(sent + part), signal);
      progress((sent += lengthOf(number)));
    }
  }
}
