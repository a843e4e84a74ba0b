// The objects of a repository as the portal hands them out (backup/api/objects.py), all of them encrypted.
//   GET <objects><name>          the object, or the part of it that a Range asks for
//   GET <objects>?folder=<name>  {"objects": [{"name": "index/…", "size": 1, "received": "1800000000000000000"}, …], "next": "…" or null}
// A long listing goes on with `&after=<next>`.
import { concat } from "../bytes.js";
import { Damaged, Denied, Missing, Unreachable } from "../errors.js";
import * as layout from "../format/layout.js";

/**
 * @typedef {object} Store
 * @property {(name: string, offset?: number, length?: number, signal?: AbortSignal) => Promise<Uint8Array>} fetchObject
 *   the object, or a part of it (shorter where the object ends)
 * @property {(folder: string, signal?: AbortSignal) => Promise<layout.Listed[]>} listObjects
 */

const PAGE = 5000;
const TRIES = 4, MOST_PAUSES = 100;
const FIRST_WAIT = 400, LONGEST_WAIT = 60_000;
const AGAIN = new Set([408, 500, 502, 503, 504]);
const TOO_MANY = 429;
const ENDED = new Uint8Array();

/**
 * @param {string} objects their address on this origin, with its slash at the end
 * @param {() => Promise<void>} [signIn] what to wait for where the session has ended; without it, that is Denied
 * @returns {Store}
 */
export function httpStore(objects, signIn = undefined) {
  const ask = (...request) => asked(signIn, ...request);
  return {
    async fetchObject(name, offset = 0, length = undefined, signal = undefined) {
      if (length === 0) return ENDED;
      const partial = offset > 0 || length !== undefined;
      const range = `bytes=${offset}-${length === undefined ? "" : offset + length - 1}`;
      return ask(`${objects}${name}`, partial ? { Range: range } : {}, signal, async (response) => {
        if (response.status === 416) return ENDED;
        const whole = response.status === 200 && partial;
        const bytes = await body(response, (whole ? undefined : length) ?? layout.largest(name) ?? length ?? Infinity, name);
        return whole ? bytes.slice(offset, length === undefined ? undefined : offset + length) : bytes;
      }, name);
    },

    async listObjects(folder, signal) {
      const found = [];
      for (let after = ""; after !== null; ) {
        const query = new URLSearchParams({ folder, limit: PAGE, ...(after && { after }) });
        const page = await ask(`${objects}?${query}`, {}, signal, (response) => response.json(), folder);
        for (const { name, size, received } of page.objects)
          if (layout.isName(name) && name.startsWith(`${folder}/`)) found.push({ name, size, received: BigInt(received) });
        after = page.next ?? null;
      }
      return found;
    },
  };
}

/** One request, again after a while where the server or the network failed. */
async function asked(signIn, address, headers, signal, read, name) {
  let pauses = 0;
  for (let tries = 1; ; tries++) {
    let wait = FIRST_WAIT * 2 ** (tries - 1);
    try {
      const response = await fetch(address, { headers, signal, credentials: "same-origin", redirect: "error", cache: "no-store" });
      if (response.ok || response.status === 416) return await read(response);
      if (response.status === TOO_MANY && pauses++ < MOST_PAUSES) {
        // The server has told when to go on: that is no failure.
        tries -= 1;
        wait = Math.min(Number(response.headers.get("Retry-After") || 1) * 1000 || 1000, LONGEST_WAIT);
      } else if (response.status === 401 && signIn) {
        await until(signIn(), signal);
        tries -= 1;
        wait = 0;
      } else if (!AGAIN.has(response.status)) throw refusal(response.status, name);
      else if (tries === TRIES) throw new Unreachable(`the server can't give ${name} now (${response.status})`);
    } catch (error) {
      if (!(error instanceof TypeError) && error.name !== "NetworkError") throw error;
      if (tries === TRIES) throw new Unreachable("the server can't be reached: check the network and try again", { cause: error });
    }
    await pause(wait, signal);
  }
}

/** What was answered, if it isn't more than it may be. */
async function body(response, most, name) {
  const said = response.headers.get("Content-Length");
  // A browser holds the server to the length that it said.
  if (said && Number(said) <= most && !response.headers.has("Content-Encoding")) return new Uint8Array(await response.arrayBuffer());
  const parts = [];
  let size = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) return concat(...parts);
    if ((size += value.length) > most) {
      await reader.cancel();
      throw new Damaged(name, "is larger than it may be");
    }
    parts.push(value);
  }
}

function refusal(status, name) {
  if (status === 404 || status === 410) return new Missing(name);
  if (status === 401 || status === 403) return new Denied(`the server refuses ${name}: the session has ended, or you may not read it`);
  return new Unreachable(`the server answers ${status} to ${name}`);
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const waiting = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(waiting), reject(signal.reason)), { once: true });
  });
}

/** Something that is waited for, or the end of it all. */
function until(promise, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal?.addEventListener("abort", stop, { once: true });
    void promise.then(resolve, reject).finally(() => signal?.removeEventListener("abort", stop));
  });
}
