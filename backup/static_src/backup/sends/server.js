// Calls to the suite. What it refuses is told in its own words.
import { csrfToken } from "../../../../core/web/static_src/web/page.js";

const FIRST_WAIT = 500, LONGEST_WAIT = 15_000, TRIES = 12;

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.errors?.map(({ message }) => message).join(" ") || problem.detail || problem.title || String(status));
    Object.assign(this, { status, code: (problem.type ?? "").split(":").pop(), faults: problem.errors ?? [] });
  }
}

/** The server can't be reached. */
export class Away extends Error {}

/** @param {string} method @param {string} address @param {object} [data] sent as JSON @param {Record<string, string>} [more] headers */
export async function call(method, address, data, more = {}) {
  const headers = { "X-CSRFToken": csrfToken(), ...(data && { "Content-Type": "application/json" }), ...more };
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: data && JSON.stringify(data), cache: "no-store", redirect: "error" });
  } catch (error) {
    throw new Away(String(error));
  }
  const body = answer.status === 204 ? null : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}

/** Sends a piece, again after a while where the network or the server fails. @param {(sent: number) => void} progress */
export async function put(address, bytes, progress, signal) {
  for (let tries = 1, wait = FIRST_WAIT; ; tries++, wait = Math.min(2 * wait, LONGEST_WAIT)) {
    signal.throwIfAborted();
    try {
      return await putOnce(address, bytes, progress, signal);
    } catch (error) {
      const again = error instanceof Away || error.status === 429 || error.status >= 500;
      if (!again || tries === TRIES) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, error.wait ?? wait);
        addEventListener("online", resolve, { once: true });
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
  }
}

/** By XMLHttpRequest, for fetch doesn't tell how much of it has left. */
function putOnce(address, bytes, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("PUT", address);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded }) => progress(loaded);
    request.onload = () => {
      if (request.status < 300) return resolve();
      const refused = new Refused(request.status, parsed(request.responseText));
      const wait = Number(request.getResponseHeader("Retry-After"));
      return reject(wait ? Object.assign(refused, { wait: 1000 * wait }) : refused);
    };
    request.onerror = request.ontimeout = () => reject(new Away("away"));
    request.onabort = () => reject(signal.reason);
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(bytes);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
