// A sealed file as the server gives it: in pieces, each asked for again until it comes.
import { concat } from "../engine/bytes.js";
import { BackupError, Damaged, Unreachable } from "../engine/errors.js";
import { NAME } from "../engine/sealing/layout.js";

const KEPT = 4;
const FIRST_WAIT = 500, LONGEST_WAIT = 15_000;
/** How long the network may be away. */
const PATIENCE = 15 * 60_000;

/** @param {{pieces: string, piece: number}} addresses where the pieces are, and how long one is */
export function piecesStore({ pieces, piece }) {
  const kept = keptFor(pieces);

  function get(number, signal) {
    if (!kept.has(number)) {
      const coming = ask(`${pieces}${number}/`, piece, signal);
      coming.catch(() => kept.delete(number));
      kept.set(number, coming);
      if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    }
    return kept.get(number);
  }

  return {
    async fetchObject(_name, offset, length, signal) {
      const first = Math.floor(offset / piece);
      const last = Math.floor((offset + length - 1) / piece);
      const found = await Promise.all(Array.from({ length: last - first + 1 }, (_, each) => get(first + each, signal)));
      return concat(...found).subarray(offset - first * piece, offset - first * piece + length);
    },
  };
}

/** The pieces that were read last: what was looked into is saved next, from its beginning. */
const all = new Map();
function keptFor(address) {
  if (!all.has(address)) all.clear();
  if (!all.has(address)) all.set(address, new Map());
  return all.get(address);
}

async function ask(address, most, signal) {
  const until = Date.now() + PATIENCE;
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    let pause = wait;
    try {
      const answer = await fetch(address, { signal, credentials: "omit", cache: "no-store", redirect: "error" });
      if (answer.ok) return whole(await answer.arrayBuffer(), most);
      if (answer.status === 429) pause = 1000 * Number(answer.headers.get("Retry-After") ?? 5);
      else if (answer.status < 500) throw await refusal(answer);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    if (Date.now() > until) throw new Unreachable("the server can't be reached");
    await new Promise((resolve, reject) => {
      const waiting = setTimeout(resolve, pause);
      signal?.addEventListener("abort", () => (clearTimeout(waiting), reject(signal.reason)), { once: true });
    });
  }
}

function whole(buffer, most) {
  if (buffer.byteLength > most) throw new Damaged(NAME, "is longer than it says");
  return new Uint8Array(buffer);
}

/** The server's own words, where it has some. */
async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  return Object.assign(new BackupError(problem.detail ?? problem.title ?? String(answer.status)), { kind: "over" });
}
