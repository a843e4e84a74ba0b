// <copy-button from="id">: copies the text of an element.
import { toast } from "./toast.js";

class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(this.getAttribute("from")).innerText.trim());
      toast(gettext("Copied."), "success");
    });
  }
}

customElements.define("copy-button", CopyButton);
