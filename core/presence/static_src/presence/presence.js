// <page-presence>: who else has this page open, by their initials; kept alive by a renewal every half minute.
const RENEW = 30_000;
const SHOWN = 4;
const GONE = new Set([4401, 4404]);

class PagePresence extends HTMLElement {
  #socket;
  #clock;
  #retries = 0;

  connectedCallback() {
    this.#listen();
    this.#clock = setInterval(() => this.#socket?.readyState === WebSocket.OPEN && this.#socket.send("{}"), RENEW);
  }

  disconnectedCallback() {
    clearInterval(this.#clock);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #listen() {
    const address = new URL(this.dataset.socket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(address);
    this.#socket.addEventListener("open", () => (this.#retries = 0));
    this.#socket.addEventListener("message", ({ data }) => this.#show(JSON.parse(data).people));
    this.#socket.addEventListener("close", ({ code }) => {
      if (!this.isConnected || !this.#socket) return;
      this.#show([]); // what one doesn't know is not shown
      if (!GONE.has(code)) setTimeout(() => this.isConnected && this.#listen(), Math.min(60_000, 2000 * 2 ** this.#retries++));
    });
  }

  #show(people) {
    const places = people.slice(0, SHOWN).map(({ initials, name }) => {
      const letters = document.createElement("span");
      letters.className = "avatar-letters";
      letters.title = name;
      letters.textContent = initials;
      return letters;
    });
    if (people.length > SHOWN) {
      const more = document.createElement("span");
      more.className = "avatar-letters";
      more.textContent = `+${people.length - SHOWN}`;
      places.push(more);
    }
    this.querySelector(".presence-people").replaceChildren(...places);
    this.hidden = people.length === 0;
    const names = people.map(({ name }) => name).join(", ");
    this.querySelector("[role=status]").textContent = names ? interpolate(gettext("Also on this page: %s"), [names]) : "";
  }
}

customElements.define("page-presence", PagePresence);
