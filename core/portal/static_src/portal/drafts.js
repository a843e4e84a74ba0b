// Forms marked data-draft lose nothing: what is typed is kept in this tab, and the session is checked before sending.
import { reader } from "../../../web/static_src/web/page.js";
import { toast } from "../../../web/static_src/web/toast.js";
import { session, signInAgain } from "./session.js";

const SECRET = new Set(["password", "file", "hidden", "submit", "button"]);
const key = (form) => `draft:${reader()}:${location.pathname}:${form.dataset.draft}`;
const fields = (form) => [...form.elements].filter((field) => field.name && !SECRET.has(field.type));

function values(form) {
  return fields(form).map((field) =>
    field.type === "checkbox" || field.type === "radio"
      ? field.checked
      : field.multiple
        ? [...field.selectedOptions].map((option) => option.value)
        : field.value,
  );
}

function fill(form, kept) {
  fields(form).forEach((field, place) => {
    const value = kept[place];
    if (value === undefined) return;
    if (field.type === "checkbox" || field.type === "radio") field.checked = value;
    else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function restore(form) {
  const kept = JSON.parse(sessionStorage.getItem(key(form)) ?? "null");
  if (!kept || form.querySelector("[data-faults]")) return; // what the server sent back is what was typed
  if (JSON.stringify(kept) === JSON.stringify(values(form))) return;
  fill(form, kept);
  toast(gettext("What you had typed here is back."), "success");
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  restore(form);
  form.addEventListener("input", () => sessionStorage.setItem(key(form), JSON.stringify(values(form))));
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented || form.dataset.checked) return;
    event.preventDefault();
    if (!(await session())) await signInAgain();
    form.dataset.checked = "yes";
    sessionStorage.removeItem(key(form));
    form.requestSubmit(event.submitter);
  });
}
