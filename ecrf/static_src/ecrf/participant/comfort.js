// <ecrf-comfort>: large print and strong contrast, remembered in this tab alone: the next reader may want neither.
import { html, render } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";

const KEY = "participant:comfort";

class Comfort extends HTMLElement {
  connectedCallback() {
    this.on = new Set(JSON.parse(sessionStorage.getItem(KEY) ?? "[]"));
    this.draw();
  }

  draw() {
    for (const name of ["large", "contrast"]) document.documentElement.toggleAttribute(`data-${name}`, this.on.has(name));
    const button = (name, sign, words) =>
      html`<button class="btn" type="button" aria-pressed=${this.on.has(name) ? "true" : "false"} @click=${() => this.toggle(name)}>${sign}<span>${words}</span></button>`;
    render(html`${button("large", icon("text-size"), gettext("Large print"))}${button("contrast", icon("contrast"), gettext("Strong contrast"))}`, this);
  }

  toggle(name) {
    if (!this.on.delete(name)) this.on.add(name);
    sessionStorage.setItem(KEY, JSON.stringify([...this.on]));
    this.draw();
  }
}

customElements.define("ecrf-comfort", Comfort);
