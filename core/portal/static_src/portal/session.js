// A session ends with notice, and nothing is lost: one signs in again in a dialog and goes on. The same dialog asks
// once more who one is before a sensitive act.
import { reader, setCsrfToken } from "../../../web/static_src/web/page.js";
import { toast } from "../../../web/static_src/web/toast.js";

const dialog = document.getElementById("session-dialog");
const warning = document.getElementById("session-warning");
const EVERY = 60_000;
const tabs = new BroadcastChannel("session");
let asking = null;
let dismissed = false;
let active = false;
let finish = null;

/** Who is signed in now and for how long, or null. Only POST counts as use of the session. */
export async function session(method = "GET") {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const headers = method === "POST" ? { "X-CSRFToken": token } : { "X-Background": "1" };
  const response = await fetch(dialog.dataset.session, { method, headers, cache: "no-store" });
  if (response.status !== 401) return response.json();
  if ((await response.json()).leave) leave();
  return null;
}

/** Somebody else ended the session: what is on this page, and on those of the other tabs, is no longer the reader's to see. */
export function leave() {
  tabs.postMessage("leave");
  location.reload();
}

/** Ask to sign in again; done once the same person is back. */
export const signInAgain = () => ask("signIn");

/** Ask once more who one is; done once it is said. */
export const confirmItIsYou = () => ask("confirm");

function ask(kind) {
  asking ??= new Promise((resolve) => {
    warning.close();
    for (const part of dialog.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind;
    dialog.setAttribute("aria-labelledby", kind === "signIn" ? "session-title" : "confirm-title");
    if (kind === "signIn") dialog.dataset.mustAnswer = "";
    else delete dialog.dataset.mustAnswer;
    finish = (state) => {
      finish = null;
      asking = null;
      if (state.user !== reader()) {
        sessionStorage.clear();
        location.assign(dialog.dataset.home);
        return;
      }
      setCsrfToken(state.csrf);
      dialog.close();
      dismissed = false;
      if (kind === "signIn") toast(gettext("You are signed in again. You can go on."), "success");
      resolve();
    };
    dialog.showModal();
    show(`${dialog.dataset[kind]}?next=${encodeURIComponent(dialog.dataset.session)}`, {});
  });
  return asking;
}

/** Follow the steps of saying who one is, each page's part shown in the dialog, until they lead to the session. */
async function show(address, options) {
  const place = dialog.querySelector("[data-session-form]");
  const response = await fetch(address, options);
  if (new URL(response.url).pathname === dialog.dataset.session) return finish?.(await response.json());
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const steps = page.querySelector("main [data-steps]") ?? page.querySelector("main form[method=post]");
  if (!steps) {
    location.reload();
    return undefined;
  }
  for (const said of page.querySelectorAll(".toasts [data-toast] p")) toast(said.textContent, "error");
  for (const part of steps.querySelectorAll("[data-leaves]")) part.remove();
  place.replaceChildren(steps);
  for (const form of place.querySelectorAll("form")) {
    // Another site's pages can't be shown here: one comes back from a tab of theirs.
    if (form.matches("[data-elsewhere]")) {
      form.target = "_blank";
      form.querySelector("[name=next]")?.remove();
    }
    else form.addEventListener("submit", (event) => send(event, form, response.url));
  }
  for (const link of place.querySelectorAll("a")) {
    if (link.matches("[data-step]"))
      link.addEventListener("click", (event) => {
        event.preventDefault();
        show(new URL(link.getAttribute("href"), response.url), {});
      });
    else link.target = "_blank";
  }
  (place.querySelector("[data-faults]") ?? place.querySelector("input:not([type=hidden]), button"))?.focus();
  return undefined;
}

function send(event, form, base) {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  show(new URL(form.getAttribute("action") || base, base), { method: "POST", body });
}

/** Somebody may have come back from another tab in which he has said who he is. */
async function lookElsewhere() {
  const state = await session();
  const wanted = dialog.dataset.mustAnswer === undefined ? state?.fresh : state;
  if (finish && wanted) finish(state);
}

async function look() {
  if (document.hidden) return;
  if (asking) {
    await lookElsewhere();
    return;
  }
  const state = await session(active ? "POST" : "GET");
  active = false;
  if (!state) await signInAgain();
  else if (state.seconds_left >= state.notice) {
    dismissed = false;
    warning.close();
  } else if (!dismissed && !warning.open) announce(state);
}

function announce({ seconds_left, can_stay }) {
  const end = new Date(Date.now() + seconds_left * 1000);
  const shown = { hour: "2-digit", minute: "2-digit" };
  warning.querySelector("[data-session-end]").textContent = end.toLocaleTimeString(document.documentElement.lang, shown);
  for (const part of warning.querySelectorAll("[data-can-stay]")) part.hidden = part.dataset.canStay !== String(can_stay);
  warning.showModal();
}

if (dialog) {
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("session-over", () => session());
  tabs.addEventListener("message", () => location.reload());
  window.addEventListener("focus", () => asking && look());
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (active = true), { passive: true });
  dialog.addEventListener("cancel", (event) => dialog.dataset.mustAnswer !== undefined && event.preventDefault());
  dialog.addEventListener("close", () => {
    dialog.querySelector("[data-session-form]").replaceChildren();
    if (finish) [finish, asking] = [null, null]; // not confirmed: the act is not done
  });
  warning.addEventListener("close", () => (dismissed = true));
  warning.querySelector("[data-session-extend]").addEventListener("click", async () => {
    await session("POST");
    warning.close();
    dismissed = false;
  });
}

// Who signs out leaves nothing typed behind.
document.addEventListener("submit", ({ target, submitter }) => {
  if (target.matches("[data-sign-out]") && submitter?.value !== "stay") sessionStorage.clear();
});
