// Native dialogs: a button with data-open-dialog="id" opens one, data-close-dialog closes it; a click on the veil too.
document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-open-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.openDialog);
    const query = dialog?.querySelector("[data-query]");
    if (query) query.value = location.search.slice(1); // what the list shows now, which htmx may have changed
    dialog?.showModal();
  }
  if (target.closest("[data-close-dialog]")) target.closest("dialog").close();
  else if (target.matches("dialog.dialog:not([data-must-answer])") && target.open) target.close();
});

// A dangerous act asks for a name: its button waits until it is typed.
function check(input) {
  const button = input.form.querySelector("button[type=submit]");
  button.disabled = input.value.trim() !== input.dataset.mustEqual;
}

document.addEventListener("input", ({ target }) => target.matches("[data-must-equal]") && check(target));
for (const input of document.querySelectorAll("[data-must-equal]")) check(input);
