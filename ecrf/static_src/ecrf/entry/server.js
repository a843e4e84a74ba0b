// Speak with the server: what it answers is the truth; a session that ended is renewed in a dialog, then we go on.
import { csrfToken } from "../../../../core/web/static_src/web/page.js";
import { signInAgain } from "../../../../core/portal/static_src/portal/session.js";

async function ask(address, options = {}) {
  const headers = { "HX-Request": "true", Accept: "application/json", ...options.headers };
  const response = await fetch(address, { ...options, headers, cache: "no-store" });
  if (response.status !== 401) return response;
  await signInAgain();
  return ask(address, { ...options, headers: { ...options.headers, ...(options.body ? { "X-CSRFToken": csrfToken() } : {}) } });
}

/** Save. Gives {ok}, {stale}, {locked}, {faults} or {failed}, each with what the server said. */
export async function save(address, sent) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  let response;
  try {
    response = await ask(address, { method: "POST", headers, body: JSON.stringify(sent) });
  } catch {
    return { failed: gettext("The server can’t be reached. What you typed is kept in this tab: try again.") };
  }
  if (response.ok) return { ok: await response.json() };
  if (response.status === 409) {
    const said = await response.json();
    return said.code === "stale" ? { stale: said } : { locked: said.message };
  }
  if (response.status === 422) return { faults: await response.json() };
  if (response.status === 403) return { failed: gettext("You may not save here any more. What you typed is kept in this tab.") };
  const reference = response.headers.get("X-Request-ID");
  const words = gettext("The server couldn’t save. What you typed is kept in this tab: try again, or call support.");
  return { failed: reference ? `${words} ${gettext("Reference:")} ${reference}` : words };
}

/** The record as it is now, with what changed since a revision. */
export async function state(address, since) {
  const response = await ask(`${address}?since=${since}`);
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}
