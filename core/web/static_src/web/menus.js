// Menus are <details class="menu">: they open without a script. Here they close on Escape, on a click elsewhere and when
// focus leaves them, and a long one is filtered by typing.
const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", ({ target }) => {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
});

document.addEventListener("focusin", ({ target }) => {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  const stops = [...menu.querySelectorAll("input, li:not([hidden]) :is(a, button)")];
  const here = stops.indexOf(document.activeElement);
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.key === "ArrowDown") stops[(here + 1) % stops.length]?.focus();
  else if (event.key === "ArrowUp") stops[(here - 1 + stops.length) % stops.length]?.focus();
  else return;
  event.preventDefault();
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-menu-filter]")) return;
  const words = target.value.trim().toLowerCase();
  for (const item of target.closest(".menu-box").querySelectorAll("li"))
    item.hidden = !item.textContent.toLowerCase().includes(words);
});
