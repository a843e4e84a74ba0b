// The summary of faults takes the focus, so that it is read first; its links lead into the fields.
function focusFaults(root) {
  root.querySelector("[data-faults]:not([data-example] *)")?.focus();
}

focusFaults(document);
document.addEventListener("htmx:afterSwap", ({ detail }) => focusFaults(detail.target.parentElement ?? document));
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-faults] a[href^='#']");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.scrollIntoView({ block: "center" });
});
