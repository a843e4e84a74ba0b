// Runs before the page is painted: the colours that the account asks for, as the server wrote them into the page; before one
// has signed in, those chosen on this device.
{
  const root = document.documentElement;
  const ofAccount = "themeChoice" in root.dataset;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const choice = ofAccount ? root.dataset.themeChoice : localStorage.getItem("theme") ?? "auto";
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    root.dataset.themeChoice = choice;
  };
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("theme-chosen", apply);
}
