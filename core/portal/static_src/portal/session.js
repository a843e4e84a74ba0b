// A session ends with notice, and nothing is lost: one signs in again in a dialog and goes on.
import { reader, setCsrfToken } from "../../../web/static_src/web/page.js";
import { toast } from "../../../web/static_src/web/toast.js";

const dialog = document.getElementById("session-dialog");
const warning = document.getElementById("session-warning");
const EVERY = 60_000;
const NOTICE = 10 * 60;
let asking = null;
let dismissed = false;

/** Who is signed in now and for how long, or null. */
export async function session(method = "GET") {
  const headers = method === "POST" ? { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content } : {};
  const response = await fetch(dialog.dataset.session, { method, headers, cache: "no-store" });
  return response.status === 401 ? null : response.json();
}

/** Ask to sign in again; done once the same person is back. */
export function signInAgain() {
  asking ??= new Promise((resolve) => {
    warning.close();
    dialog.dataset.mustAnswer = "";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.showModal();
    show(`${dialog.dataset.signIn}?next=${encodeURIComponent(dialog.dataset.session)}`, {}, (state) => {
      asking = null;
      if (state.user !== reader()) {
        sessionStorage.clear();
        location.assign(dialog.dataset.home);
        return;
      }
      setCsrfToken(state.csrf);
      dialog.close();
      toast(gettext("You are signed in again. You can go on."), "success");
      resolve();
    });
  });
  return asking;
}

/** Follow the steps of signing in, each page's form shown in the dialog, until they lead to the session's address. */
async function show(address, options, done) {
  const place = dialog.querySelector("[data-session-form]");
  const response = await fetch(address, options);
  if (new URL(response.url).pathname === dialog.dataset.session) return done(await response.json());
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const form = page.querySelector("main form[method=post]");
  const faults = page.querySelector("main [data-faults]");
  if (!form) {
    location.reload();
    return undefined;
  }
  place.replaceChildren(...(faults && !form.contains(faults) ? [faults] : []), form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    show(new URL(form.getAttribute("action") || response.url, response.url), { method: "POST", body }, done);
  });
  (form.querySelector("[data-faults]") ?? form.querySelector("input:not([type=hidden])"))?.focus();
  return undefined;
}

async function look() {
  if (document.hidden || asking) return;
  const state = await session();
  if (!state) await signInAgain();
  else if (state.seconds_left < NOTICE && !dismissed) {
    const end = new Date(Date.now() + state.seconds_left * 1000);
    warning.querySelector("[data-session-end]").textContent = end.toLocaleTimeString(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
    });
    warning.showModal();
  }
}

if (dialog) {
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
  warning.addEventListener("close", () => (dismissed = true));
  warning.querySelector("[data-session-extend]").addEventListener("click", async () => {
    await session("POST");
    warning.close();
    dismissed = false;
  });
  // Who signs out leaves nothing typed behind.
  document.querySelector("[data-sign-out]")?.addEventListener("submit", () => sessionStorage.clear());
}
