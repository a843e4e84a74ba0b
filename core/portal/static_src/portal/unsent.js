// Work that a tool keeps on this device and that isn't with the server yet: how much there is, on every page, and a
// question before one signs out. Tools say it in the local store, as a number and where to go; never what it is.
import { csrfToken, reader } from "../../../web/static_src/web/page.js";

const badge = document.getElementById("unsent");
const dialog = document.getElementById("unsent-dialog");
const prefix = () => `unsent:${reader()}:`;

function kept() {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix()));
  return names.map((name) => ({ name, ...JSON.parse(localStorage.getItem(name)) }));
}

function show() {
  const waiting = kept().filter((one) => one.count);
  const count = waiting.reduce((sum, one) => sum + one.count, 0);
  badge.hidden = !count;
  if (!count) return;
  badge.href = waiting[0].address;
  badge.querySelector("[data-count]").textContent = String(count);
  badge.querySelector("[data-words]").textContent = interpolate(ngettext("One piece of work isn’t sent", "%s pieces of work aren’t sent", count), [count]);
}

/** Throw away what the tools keep here, and tell their server, which may be told later. */
async function empty() {
  for (const { name, database, back, device } of kept()) {
    await new Promise((resolve) => {
      const gone = indexedDB.deleteDatabase(database);
      gone.onsuccess = gone.onerror = gone.onblocked = resolve;
    });
    localStorage.removeItem(name);
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    await fetch(back, { method: "POST", headers, body: JSON.stringify({ device }) }).catch(() => undefined);
  }
}

if (badge && dialog) {
  show();
  addEventListener("storage", ({ key }) => key?.startsWith(prefix()) && show());
  let form;
  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.matches("[data-sign-out]") || event.submitter?.value === "stay" || !kept().length) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      form = event.target;
      const count = kept().reduce((sum, one) => sum + one.count, 0);
      for (const part of dialog.querySelectorAll("[data-if]")) part.hidden = (part.dataset.if === "unsent") !== count > 0;
      dialog.querySelector("[data-go]").href = kept().find((one) => one.count)?.address ?? kept()[0].address;
      dialog.showModal();
    },
    true,
  );
  for (const button of dialog.querySelectorAll("[data-leave]"))
    button.addEventListener("click", async () => {
      button.disabled = true;
      if (button.dataset.leave === "empty") await empty();
      sessionStorage.clear();
      form.submit();
    });
}
