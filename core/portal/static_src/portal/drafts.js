// Forms marked data-draft lose nothing: what is typed is kept in this tab, and the session is checked before sending.
import { icon } from "../../../web/static_src/web/icon.js";
import { reader } from "../../../web/static_src/web/page.js";
import { toast } from "../../../web/static_src/web/toast.js";
import { session, signInAgain } from "./session.js";

/** How a draft is kept, here and by tools with forms of their own: what kind, whose, on which page. */
const KEPT = /^[a-z]+:([^:]+):(\/[^:]*)(?::.*)?$/;
const SECRET = new Set(["password", "file", "hidden", "submit", "button"]);
const BOX = new Set(["checkbox", "radio"]);
const key = (form) => `draft:${reader()}:${location.pathname}:${form.dataset.draft}`;
const fields = (form) => [...form.elements].filter((field) => field.name && !SECRET.has(field.type));
const revision = (form) => form.querySelector("input[name=revision]")?.value ?? "";
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** What a form holds: for each name the values of its fields, of boxes those that are ticked. */
function values(form) {
  const found = {};
  for (const field of fields(form)) {
    found[field.name] ??= [];
    if (!BOX.has(field.type)) found[field.name].push(field.multiple ? [...field.selectedOptions].map(({ value }) => value) : field.value);
    else if (field.checked) found[field.name].push(field.value);
  }
  return found;
}

/** Put values back. A page whose form grows as one writes makes the missing fields first, when it hears draft-fill. */
function fill(form, kept) {
  form.dispatchEvent(new CustomEvent("draft-fill", { bubbles: true, detail: kept }));
  const left = Object.fromEntries(Object.entries(kept).map(([name, held]) => [name, [...held]]));
  for (const field of fields(form)) {
    if (!left[field.name]) continue;
    if (BOX.has(field.type)) field.checked = kept[field.name].includes(field.value);
    else if (left[field.name].length) {
      const value = left[field.name].shift();
      if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
      else field.value = value;
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  toast(gettext("What you had typed here is back."), "success");
}

const keep = (form) => sessionStorage.setItem(key(form), JSON.stringify({ revision: revision(form), values: values(form), at: Date.now(), title: document.querySelector("h1")?.textContent.trim() }));
const forget = (form) => sessionStorage.removeItem(key(form));

/** The form is on its way: its draft stays until a page of the server's shows that it came. */
function mark(form) {
  const kept = sessionStorage.getItem(key(form));
  if (kept) sessionStorage.setItem(key(form), JSON.stringify({ ...JSON.parse(kept), sent: true }));
}

/** Forget what was sent where this page is the answer to it; on any other page, and on a refusal, it is a draft again. */
function settleSent() {
  const { type, responseStatus = 200 } = performance.getEntriesByType("navigation")[0] ?? {};
  const from = type === "navigate" && responseStatus < 400 && document.referrer ? new URL(document.referrer).pathname : "";
  for (const name of Object.keys(sessionStorage)) {
    const path = KEPT.exec(name)?.[2];
    const kept = path && JSON.parse(sessionStorage.getItem(name));
    if (!kept?.sent) continue;
    if (path === from) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify({ ...kept, sent: false }));
  }
}

/** What this reader typed in this tab and has not sent, newest first. */
export function draftsOf() {
  const found = Object.keys(sessionStorage).map((name) => KEPT.exec(name)).filter((parts) => parts && parts[1] === reader());
  const drafts = found.map(([name, , path]) => {
    const { at = 0, title = "" } = JSON.parse(sessionStorage.getItem(name)) ?? {};
    return { key: name, path, at, title };
  });
  return drafts.sort((one, other) => other.at - one.at);
}

export const forgetDraft = (name) => sessionStorage.removeItem(name);

/** Somebody else signed in with this tab: what the last person typed is nobody's to read. */
function forgetOthers() {
  if (!reader()) return;
  for (const name of Object.keys(sessionStorage)) {
    const parts = KEPT.exec(name);
    if (parts && parts[1] !== reader()) sessionStorage.removeItem(name);
  }
}

forgetOthers();
settleSent();

async function restore(form) {
  const page = form.closest(":not(:defined)");
  if (page) await customElements.whenDefined(page.localName);
  const kept = JSON.parse(sessionStorage.getItem(key(form)) ?? "null");
  if (!kept?.values || form.querySelector("[data-faults]")) return; // what the server sent back is what was typed
  if (same(kept.values, values(form))) forget(form);
  else if (kept.revision === revision(form)) fill(form, kept.values);
  else offer(form, kept.values);
}

/** Somebody saved since: what was typed would take the place of his text, so that one is asked first. */
function offer(form, kept) {
  const note = document.createElement("div");
  note.className = "notice notice-warning";
  note.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = gettext("This was saved again after you typed here. What you had typed is still kept.");
  const choice = (text, act) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-sm", textContent: text });
    button.addEventListener("click", () => {
      note.remove();
      act();
    });
    return button;
  };
  const choices = document.createElement("div");
  choices.className = "buttons";
  choices.append(
    choice(gettext("Put it in place of what is here"), () => fill(form, kept)),
    choice(gettext("Forget it"), () => forget(form)),
  );
  const box = document.createElement("div");
  box.append(words, choices);
  note.append(icon("alert-triangle"), box);
  form.prepend(note);
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  const stays = form.matches("[hx-post], [hx-put], [hx-patch]");
  let checked = false;
  let sent = null;
  restore(form);
  form.addEventListener("input", () => keep(form));
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented || checked) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // nobody else sends it before the session is known
    // Without the network one isn't asked to sign in: whoever sends the form says what is wrong.
    if (!(await session().catch(() => true))) await signInAgain();
    sent = values(form);
    if (!stays) mark(form);
    checked = true;
    form.requestSubmit(event.submitter);
    checked = false;
  });
  // The page stays: the draft is needed until it is known to be saved, and after it for what was typed meanwhile.
  form.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (target !== form || !(detail.xhr.status >= 200 && detail.xhr.status < 300)) return;
    if (same(sent, values(form))) forget(form);
    else keep(form);
  });
}
