// <ecrf-door>: the secret of a link stands after the #, which the browser sends to nobody. Take it out of the address at
// once, so that neither history nor a glance keeps it, and send it in a body for the cookie of a visit.
import { csrfToken } from "../../../../core/web/static_src/web/page.js";

class Door extends HTMLElement {
  connectedCallback() {
    addEventListener("hashchange", () => this.knock());
    this.knock();
  }

  async knock() {
    const secret = decodeURIComponent(location.hash.slice(1));
    if (!secret) return;
    history.replaceState(null, "", location.pathname);
    this.say(gettext("One moment…"));
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    try {
      const response = await fetch(this.dataset.enter, { method: "POST", headers, body: new URLSearchParams({ token: secret }), cache: "no-store" });
      const said = await response.json();
      if (response.ok) location.replace(said.to);
      else this.say(said.message, true);
    } catch {
      this.say(gettext("The server can’t be reached. Check your connection, then open the link again."), true);
    }
  }

  say(words, urgent = false) {
    const line = document.createElement("p");
    line.textContent = words;
    line.setAttribute("role", urgent ? "alert" : "status");
    this.replaceChildren(line);
  }
}

customElements.define("ecrf-door", Door);
