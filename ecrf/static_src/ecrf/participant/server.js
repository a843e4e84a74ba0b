// What a participant's page asks of the server: {ok}, {faults}, {changed}, {shut} or {failed}, each in words.
import { csrfToken } from "../../../../core/web/static_src/web/page.js";

const unreachable = () => gettext("We can’t reach the server. Your answers are kept on this device; we try again.");

/** Browsers let no larger request outlive its page. */
const OUTLIVES = 60_000;

export async function send(address, body, isLeaving = false) {
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(address, body === undefined ? { headers, cache: "no-store" } : { method: "POST", headers, body, cache: "no-store", keepalive: isLeaving && body.length < OUTLIVES / 3 });
  } catch {
    return { failed: unreachable() };
  }
  const said = await response.json().catch(() => ({}));
  if (response.ok) return { ok: said };
  if (response.status === 422) return { faults: said };
  if (response.status === 409) return { changed: said };
  if (response.status === 410) return { shut: said.message };
  return { failed: said.message || unreachable() };
}
