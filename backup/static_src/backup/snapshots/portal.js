// What the portal hears of an opened backup: why, and how much was taken out. Never a key, never a name.
import { session, signInAgain } from "../../../../core/portal/static_src/portal/session.js";
import { csrfToken } from "../../../../core/web/static_src/web/page.js";
import { call, Refused } from "../sends/server.js";

/** Until whoever opened the page is signed in. Where the portal isn't reached, the next call says so. */
export async function signedIn() {
  if (!(await session().catch(() => true))) await signInAgain();
}

/** A call that goes on after signing in again, and is done once. */
export async function ask(method, address, data) {
  const once = method === "POST" ? { "Idempotency-Key": crypto.randomUUID() } : {};
  for (;;) {
    try {
      return await call(method, address, data, once);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      await signedIn();
    }
  }
}

/** Said on leaving the page, when nothing waits for an answer any more. */
export const tell = (address) =>
  void fetch(address, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, keepalive: true }).catch(() => {});
