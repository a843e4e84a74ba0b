// <notice-bell>: a socket rings when there is something new, and the bell is fetched again with the reader's rights of that
// moment; where no socket gets through, it is fetched by the clock. Opening it fetches the newest.
const PACE = 1200; // what is being looked at is marked as read meanwhile, and nothing flashes
const POLL = 60_000;
const SIGNED_OUT = 4401;
const NOT_YOURS = 4404; // there is no second factor yet: nothing to be heard before

class NoticeBell extends HTMLElement {
  #socket;
  #clock;
  #wait;
  #retries = 0;
  #first = true;

  connectedCallback() {
    this.menu.addEventListener("toggle", () => this.menu.open && this.refresh({ asked: true }));
    document.addEventListener("visibilitychange", this.#wake);
    this.#clock = setInterval(() => this.#socket?.readyState !== WebSocket.OPEN && !document.hidden && this.refresh(), POLL);
    this.#listen();
  }

  disconnectedCallback() {
    clearInterval(this.#clock);
    clearTimeout(this.#wait);
    document.removeEventListener("visibilitychange", this.#wake);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  get menu() {
    return this.querySelector("details");
  }

  /** Fetch the bell and show it; what has the focus in an open panel is left alone. Unasked it is no use of the session. */
  async refresh({ asked = false } = {}) {
    clearTimeout(this.#wait);
    const headers = { "HX-Request": "true", ...(asked ? {} : { "X-Background": "1" }) };
    let answer;
    try {
      answer = await fetch(this.dataset.url, { headers, cache: "no-store" });
    } catch (error) {
      if (error instanceof TypeError) return; // the network is away: the clock tries again
      throw error;
    }
    if (!answer.ok || !this.isConnected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = this.#show(fresh, "sign");
    const box = this.querySelector("[data-part=box]");
    if (!box.contains(document.activeElement)) this.#show(fresh, "box");
    if (said && !this.menu.open) this.querySelector("[data-part=status]").textContent = said;
  }

  /** Bring one part up to date; gives its words where they have changed. */
  #show(fresh, name) {
    const [now, next] = [this, fresh].map((place) => place.querySelector(`[data-part=${name}]`));
    if (!next || now.innerHTML === next.innerHTML) return "";
    now.replaceChildren(...next.childNodes);
    return now.querySelector(".visually-hidden")?.textContent ?? "";
  }

  #listen() {
    const address = new URL(this.dataset.socket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(address);
    this.#socket.addEventListener("open", () => (this.#retries = 0));
    this.#socket.addEventListener("message", () => {
      if (this.#first) this.#first = false; // the page has just been made
      else this.#plan();
    });
    this.#socket.addEventListener("close", ({ code }) => {
      if (!this.isConnected || !this.#socket) return;
      if (code === SIGNED_OUT) {
        document.dispatchEvent(new Event("session-over"));
        return;
      }
      if (code === NOT_YOURS) return;
      setTimeout(() => this.isConnected && this.#listen(), Math.min(60_000, 2000 * 2 ** this.#retries++));
    });
  }

  #plan() {
    clearTimeout(this.#wait);
    if (!document.hidden) this.#wait = setTimeout(() => this.refresh(), PACE);
  }

  #wake = () => this.#plan();
}

customElements.define("notice-bell", NoticeBell);
