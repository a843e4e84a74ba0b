// Light, dark, or as the device is: kept with the account, or on this device before one has signed in.
import { csrfToken, reader } from "../../../web/static_src/web/page.js";

const buttons = document.querySelectorAll("[data-theme-choice]:is(button)");
const root = document.documentElement;

function show() {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.themeChoice));
}

for (const button of buttons)
  button.addEventListener("click", () => {
    const { themeChoice } = button.dataset;
    root.dataset.themeChoice = themeChoice;
    if (reader()) {
      const body = new URLSearchParams({ theme: themeChoice });
      fetch(button.closest("[data-save]").dataset.save, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() } });
    } else localStorage.setItem("theme", themeChoice);
    dispatchEvent(new Event("theme-chosen"));
    show();
    button.closest("details")?.removeAttribute("open");
  });
show();
