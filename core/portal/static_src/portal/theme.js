// Light, dark, or as the device is: kept on this device.
const buttons = document.querySelectorAll("[data-theme-choice]:is(button)");

function show() {
  const choice = localStorage.getItem("theme") ?? "auto";
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
}

for (const button of buttons)
  button.addEventListener("click", () => {
    localStorage.setItem("theme", button.dataset.themeChoice);
    dispatchEvent(new Event("theme-chosen"));
    show();
    button.closest("details")?.removeAttribute("open");
  });
show();
