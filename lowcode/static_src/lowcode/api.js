// Calls to the suite's own API, in the session of the page.
import { session, signInAgain } from "../../../core/portal/static_src/portal/session.js";
import { csrfToken } from "../../../core/web/static_src/web/page.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || gettext("The server can’t be reached. Check the network and try again."));
    this.status = status;
    this.faults = body.errors ?? [];
  }
}

/** The answer of the API as a Response. Throws Problem with its faults; signs in again where the session ended. */
export async function call(method, url, body, options = {}) {
  const headers = {
    "Content-Type": "application/json",
    "X-CSRFToken": csrfToken(),
    "Accept-Language": document.documentElement.lang,
  };
  let response;
  try {
    response = await fetch(url, { method, headers, body: JSON.stringify(body), ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, {});
  }
  if ((response.status === 401 || response.status === 403) && !options.keepalive && !(await session())) {
    await signInAgain();
    return call(method, url, body, options);
  }
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})));
  return response;
}

export const json = async (...args) => (await call(...args)).json();
