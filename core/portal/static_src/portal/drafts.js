// Forms marked data-draft lose nothing: what is typed is kept in this tab, and the session is checked before sending.
import { icon } from "../../../web/static_src/web/icon.js";
import { reader } from "../../../web/static_src/web/page.js";
import { toast } from "../../../web/static_src/web/toast.js";
import { session, signInAgain } from "./session.js";

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

const keep = (form) => sessionStorage.setItem(key(form), JSON.stringify({ revision: revision(form), values: values(form) }));
const forget = (form) => sessionStorage.removeItem(key(form));

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
    if (!stays) forget(form);
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
