// Ctrl+Enter sends the text; an example fills it in.
document.addEventListener("keydown", (event) => {
  const area = event.target.closest?.("textarea.rx-paste");
  if (area && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    area.form.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-example]");
  if (!button) return;
  const area = button.form.querySelector("textarea.rx-paste");
  area.value = button.dataset.example;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  area.setSelectionRange(0, 0);
  area.scrollTop = 0;
});
