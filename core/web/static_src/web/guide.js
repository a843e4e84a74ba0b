// Shows a message on the style guide.
import { toast } from "./toast.js";

document.addEventListener("click", ({ target }) => {
  const level = target.closest("[data-toast-example]")?.dataset.toastExample;
  if (level) toast(gettext("The visit is saved."), level);
});
