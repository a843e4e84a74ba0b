// <job-progress>: shows how a job is getting on. A socket rings when something has changed, and then the part of the page
// is fetched again, in the reader's language and with his rights; where no socket gets through, it is fetched by the clock.
import { refusal } from "../../../portal/static_src/portal/refusal.js";
import { toast } from "../../../web/static_src/web/toast.js";

const POLL = 2000; // without a socket
const CHECK = 15000; // with one, in case a ring was lost
const PACE = 500; // no oftener than this
const GONE = new Set([4401, 4404]); // the session ended; there is nothing to be seen any more
const LEAVING = 5000; // so long a click on a link may take to lead away
let leftAt = -LEAVING;

export class JobProgress extends HTMLElement {
  #socket;
  #refreshing = false;
  #again = false;
  #timer;
  #clock;
  #retries = 0;
  #lastAt = 0;
  #announced = "";

  connectedCallback() {
    this.addEventListener("submit", this.#act);
    document.addEventListener("visibilitychange", this.#wake);
    if (!this.isLive) return;
    this.#clock = setInterval(() => this.#count(), 1000);
    this.#listen();
    this.#plan();
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this.#act);
    this.#stop();
  }

  get now() {
    return this.querySelector(".job-now");
  }

  get isLive() {
    return this.now?.dataset.live === "yes";
  }

  /** Fetch what is shown, and show it. Several calls at once end in one more fetch. */
  async refresh() {
    clearTimeout(this.#timer);
    if (this.#refreshing) {
      this.#again = true;
      return;
    }
    const wait = Math.max(0, this.#lastAt + PACE - Date.now());
    this.#refreshing = true;
    try {
      if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
      this.#lastAt = Date.now();
      const headers = { "X-Requested-With": "fetch", "X-Background": "1" }; // looking on is no use of the session
      const answer = await fetch(this.dataset.url, { headers, cache: "no-store" });
      if (answer.redirected || answer.status === 404) return this.#stop();
      if (answer.ok) this.#show(await answer.text());
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the network is away: the clock tries again
    } finally {
      this.#refreshing = false;
    }
    if (!this.isLive || !this.isConnected) return;
    if (!this.#again) return this.#plan();
    this.#again = false;
    await this.refresh();
  }

  #show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".job-now");
    const shown = this.now;
    if (!fresh || !shown) return;
    const wasLive = this.isLive;
    const same = fresh.dataset.state === shown.dataset.state && sameActs(fresh, shown);
    if (same) {
      for (const part of fresh.querySelectorAll("[data-part]:not([data-part=status])")) copy(part, shown);
    } else {
      const focused = shown.contains(document.activeElement);
      replace(shown, fresh);
      if (focused) (this.now.querySelector("a, button") ?? this.now).focus();
      this.#announced = "";
    }
    this.#announce();
    if (wasLive && !this.isLive) this.#end();
  }

  /** Say aloud each new state, and each quarter of the way. */
  #announce() {
    const bar = this.now.querySelector("[data-part=bar]");
    const quarter = bar?.hasAttribute("value") ? Math.floor(bar.position * 4) : 0;
    const key = `${this.now.dataset.state} ${quarter}`;
    if (key === this.#announced) return;
    this.#announced = key;
    const words = [".state", "[data-part=message]", "[data-part=numbers]"].map((part) => this.now.querySelector(part));
    const text = words.map((word) => word?.textContent.trim()).filter(Boolean);
    this.now.querySelector("[data-part=status]").textContent = text.join(", ");
  }

  #end() {
    this.#stop();
    this.dispatchEvent(new CustomEvent("job-ended", { bubbles: true, detail: { state: this.now.dataset.state } }));
    if ("reload" in this.dataset) reload();
  }

  #listen() {
    const address = new URL(this.dataset.socket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(address);
    this.#socket.addEventListener("open", () => (this.#retries = 0));
    this.#socket.addEventListener("message", (event) => this.#ring(JSON.parse(event.data)));
    this.#socket.addEventListener("close", (event) => {
      if (!this.isLive || !this.isConnected) return;
      if (GONE.has(event.code)) return this.refresh();
      setTimeout(() => this.isConnected && this.isLive && this.#listen(), Math.min(30000, 1000 * 2 ** this.#retries++));
      this.#plan();
    });
  }

  /** The bar moves with the numbers at once; the words follow. */
  #ring({ done, total }) {
    const bar = this.querySelector("progress[data-part=bar]");
    if (bar && total) Object.assign(bar, { max: total, value: Math.min(done, total) });
    if (!document.hidden) this.refresh(); // what nobody looks at stays untold: #wake fetches it
  }

  #plan() {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    const listens = this.#socket?.readyState === WebSocket.OPEN;
    this.#timer = setTimeout(() => this.refresh(), listens ? CHECK : POLL);
  }

  #wake = () => {
    if (!document.hidden && this.isLive) this.refresh();
  };

  /** Count the seconds on between two answers. */
  #count() {
    const part = this.querySelector("[data-part=elapsed]");
    if (!part || this.now.dataset.state !== "running") return;
    part.dataset.seconds = Number(part.dataset.seconds) + 1;
    part.textContent = duration(Number(part.dataset.seconds));
  }

  /** Cancel and retry without leaving the page. */
  #act = async (event) => {
    event.preventDefault();
    const form = event.target;
    event.submitter?.setAttribute("disabled", "");
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    } catch {
      return form.submit(); // let the browser say what is wrong
    }
    if (!answer.ok && answer.type !== "opaqueredirect") {
      event.submitter?.removeAttribute("disabled");
      toast(refusal(answer.status, answer.headers.get("X-Request-ID")), "error");
    }
    await this.refresh();
    if (this.isLive && !this.#socket) this.connectedCallback();
  };

  #stop() {
    clearTimeout(this.#timer);
    clearInterval(this.#clock);
    document.removeEventListener("visibilitychange", this.#wake);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}

addEventListener("beforeunload", (event) => (leftAt = event.timeStamp));

/** Load the page again, unless the reader is on his way to another one: a reload would hold him back. */
function reload() {
  const wait = leftAt + LEAVING - performance.now();
  if (wait > 0) setTimeout(reload, wait);
  else location.reload();
}

function sameActs(one, other) {
  const acts = (section) => [...section.querySelectorAll("form")].map((form) => form.getAttribute("action")).join(" ");
  return acts(one) === acts(other) && !!one.querySelector("[data-part=elapsed]") === !!other.querySelector("[data-part=elapsed]");
}

/** Show a section in place of another, whose status stays: a live region that is new says nothing. */
function replace(shown, fresh) {
  const status = shown.querySelector("[data-part=status]");
  for (const { name, value } of fresh.attributes) shown.setAttribute(name, value);
  for (const part of [...shown.children]) if (part !== status) part.remove();
  status.before(...[...fresh.children].filter((part) => !part.matches("[data-part=status]")));
}

/** Bring one named part up to date without touching what has the focus. */
function copy(part, section) {
  const old = section.querySelector(`[data-part="${part.dataset.part}"]`);
  if (!old) return;
  for (const { name, value } of part.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.innerHTML !== part.innerHTML) old.replaceChildren(...part.cloneNode(true).childNodes);
}

/** As the server writes it: the two largest units. */
export function duration(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours) return `${hours}\u00a0h\u00a0${two(minutes % 60)}\u00a0min`;
  if (minutes) return `${minutes}\u00a0min\u00a0${two(seconds % 60)}\u00a0s`;
  return `${seconds}\u00a0s`;
}

customElements.define("job-progress", JobProgress);
