// <ecrf-copy data-text>: a button that copies a text.
import { html, render } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";

class Copy extends HTMLElement {
  connectedCallback() {
    this.draw(gettext("Copy the link"));
  }

  draw(words) {
    render(html`<button class="btn btn-primary" type="button" @click=${() => this.copy()}>${icon("copy")}<span aria-live="polite">${words}</span></button>`, this);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.dataset.text);
      this.draw(gettext("Copied"));
    } catch {
      this.draw(gettext("Select the link and copy it"));
    }
  }
}

customElements.define("ecrf-copy", Copy);
