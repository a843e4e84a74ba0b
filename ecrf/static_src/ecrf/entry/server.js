// Speak with the server: what it answers is the truth; a session that ended is renewed in a dialog, then we go on.
import { csrfToken } from "../../../../core/web/static_src/web/page.js";
import { signInAgain } from "../../../../core/portal/static_src/portal/session.js";

export async function ask(address, options = {}) {
  const headers = { "HX-Request": "true", Accept: "application/json", ...options.headers };
  const response = await fetch(address, { ...options, headers, cache: "no-store" });
  if (response.status !== 401) return response;
  await signInAgain();
  return ask(address, { ...options, headers: { ...options.headers, ...(options.body ? { "X-CSRFToken": csrfToken() } : {}) } });
}

const unreachable = () => gettext("The server can’t be reached. What you typed is kept in this tab: try again.");

/** Why the server didn't do it, with what support needs to look it up. */
function failure(response) {
  if (response.status === 403) return gettext("You may not save here any more. What you typed is kept in this tab.");
  const reference = response.headers.get("X-Request-ID");
  const words = gettext("The server couldn’t save. What you typed is kept in this tab: try again, or call support.");
  return reference ? `${words} ${gettext("Reference:")} ${reference}` : words;
}

/** Save. Gives {ok}, {stale}, {locked}, {faults} or {failed}, each with what the server said. */
export async function save(address, sent) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  let response;
  try {
    response = await ask(address, { method: "POST", headers, body: JSON.stringify(sent) });
  } catch {
    return { failed: unreachable() };
  }
  if (response.ok) return { ok: await response.json() };
  if (response.status === 409) {
    const said = await response.json();
    return said.code === "stale" ? { stale: said } : { locked: said.message };
  }
  if (response.status === 422) return { faults: await response.json() };
  return { failed: failure(response) };
}

/** The record as it is now, with what changed since a revision. Gives {now} or {failed}. */
export async function state(address, since) {
  try {
    const response = await ask(`${address}${address.includes("?") ? "&" : "?"}since=${since}`);
    return response.ok ? { now: await response.json() } : { failed: failure(response) };
  } catch {
    return { failed: unreachable() };
  }
}

/** The way of an entry to the server and back. */
export const doorOf = (urls) => ({ save: (sent) => save(urls.save, sent), state: (since) => state(urls.state, since) });
