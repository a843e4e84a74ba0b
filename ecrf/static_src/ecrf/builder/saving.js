// Autosave: what is built goes to the server shortly after each change, and stays in this tab until it is there.
import { csrfToken, reader } from "../../../../core/web/static_src/web/page.js";
import { signInAgain } from "../../../../core/portal/static_src/portal/session.js";

const SHORTLY = 1200;
const AGAIN = 8000;
const place = () => `ecrf:${reader()}:${location.pathname}`;

export async function ask(address, body) {
  const headers = { "HX-Request": "true", Accept: "application/json" };
  const options = body ? { method: "POST", body: JSON.stringify(body), headers: { ...headers, "Content-Type": "application/json", "X-CSRFToken": csrfToken() } } : { headers };
  const response = await fetch(address, { ...options, cache: "no-store" });
  if (response.status === 401) {
    await signInAgain();
    return ask(address, body);
  }
  const said = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  return { ok: response.ok, status: response.status, said };
}

export class Saver {
  /** `state()` gives {definition, title}; `told` hears of every step; `stale` of somebody else's save. */
  constructor(address, base, { state, told, stale }) {
    Object.assign(this, { address, base, state, told, stale });
    this.dirty = false;
    this.busy = false;
    this.blocked = false;
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
    addEventListener("online", () => this.dirty && this.save());
  }

  /** Something has changed. */
  touch() {
    this.dirty = true;
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SHORTLY);
    this.told({ step: "changed" });
  }

  keep() {
    try {
      sessionStorage.setItem(place(), JSON.stringify({ base: this.base, at: Date.now(), ...this.state() }));
      this.kept = true;
    } catch {
      this.kept = false; // a form too large for this tab's store is still saved on the server
    }
  }

  /** What a closed or reloaded tab had not sent, or null. */
  left() {
    const found = JSON.parse(sessionStorage.getItem(place()) ?? "null");
    return found?.definition ? found : null;
  }

  forget() {
    sessionStorage.removeItem(place());
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy || this.blocked || !this.dirty) return;
    this.busy = true;
    this.dirty = false;
    this.told({ step: "saving" });
    let answer;
    try {
      answer = await ask(this.address, { base: this.base, ...this.state() });
    } catch {
      answer = null;
    }
    this.busy = false;
    if (answer?.ok) {
      this.base = answer.said.revision;
      if (this.dirty) this.keep();
      else this.forget();
      this.told({ step: this.dirty ? "changed" : "saved", ...answer.said });
      if (this.dirty) this.touch();
      return;
    }
    this.dirty = true;
    if (answer?.said.code === "stale") {
      this.blocked = true;
      this.stale(answer.said);
    } else if (!answer || answer.status >= 500) {
      this.told({ step: "away" });
      this.timer = setTimeout(() => this.save(), AGAIN);
    } else {
      const faults = (answer.said.errors ?? []).map((one) => one.message);
      this.told({ step: "refused", message: [answer.said.message, ...faults].filter(Boolean).join(" ") });
    }
  }

  /** All is on the server, or it isn't. */
  async flush() {
    while (this.busy) await new Promise((go) => setTimeout(go, 50));
    await this.save();
    return !this.dirty;
  }

  /** Go on from what somebody else saved. */
  settle(base, keepMine) {
    this.base = base;
    this.blocked = false;
    this.dirty = keepMine;
    if (keepMine) this.touch();
    else this.forget();
  }
}
