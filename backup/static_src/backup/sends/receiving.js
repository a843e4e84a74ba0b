// <sealed-receive>: opened with the key of the link, shown, then saved as it comes; each block is verified before it is kept.
import { choose } from "../engine/disk/target.js";
import { safe } from "./names.js";
import { Parts } from "./parts.js";
import { call } from "./server.js";
import { size } from "./words.js";

class SealedReceive extends Parts {
  connectedCallback() {
    if (!/^#[\w-]{43}$/.test(location.hash)) return this.fail({ kind: "bad-keyfile" });
    this.part("form").hidden = false;
    this.part("form").addEventListener("submit", (event) => (event.preventDefault(), void this.look()));
    this.part("save").addEventListener("click", () => void this.save());
    this.part("again").addEventListener("click", () => void this.save());
    this.part("stop").addEventListener("click", () => this.stopping.abort(new Error("stopped")));
  }

  /** A download is counted once: its ticket is kept as long as the tab. */
  async ticket() {
    const name = `backup.ticket.${this.dataset.link}`;
    const kept = sessionStorage.getItem(name);
    if (kept) return kept;
    const { ticket } = await call("POST", this.dataset.api);
    sessionStorage.setItem(name, ticket);
    return ticket;
  }

  async args() {
    const store = { pieces: `${this.dataset.api}${await this.ticket()}/piece/`, piece: Number(this.dataset.piece) };
    const passphrase = this.part("form").elements.passphrase?.value ?? "";
    return { store, name: "", link: location.hash, passphrase };
  }

  /** What it is: its name, its size and what its sender says. */
  async look() {
    this.calm();
    const button = this.part("open");
    button.disabled = true;
    this.say("opening", gettext("Opening…"));
    try {
      const { about, stream } = await this.engine.stream("unseal", await this.args());
      await stream.cancel();
      this.about = about;
      this.say("name", about.name);
      this.say("size", size(about.size));
      this.part("said").hidden = !about.message;
      this.say("message", about.message ?? "");
      this.turn("ready");
    } catch (error) {
      this.failed(error);
    } finally {
      button.disabled = false;
      this.say("opening", "");
    }
  }

  async save() {
    this.calm();
    const { about } = this;
    const name = safe(about.name);
    this.stopping = new AbortController();
    try {
      const keep = await choose({ name, size: about.size });
      this.turn("saving");
      this.guard(true);
      const meter = this.meter(about.size);
      await keep(this.engine, "unseal", await this.args(), { signal: this.stopping.signal, progress: ({ bytes }) => meter(bytes) });
      this.turn("saved");
    } catch (error) {
      this.turn("ready");
      if (error.kind !== "stopped") this.failed(error);
    } finally {
      this.guard(false);
      this.rest();
    }
  }

  failed(error) {
    if (error.kind === "over" || error.status === 409) sessionStorage.removeItem(`backup.ticket.${this.dataset.link}`);
    this.fail(error);
  }
}

/** The language is changed here without a new address, which would lose the key behind the #. */
function languages() {
  for (const form of document.querySelectorAll("form.language-switch"))
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const data = new FormData(form, event.submitter);
      await fetch(form.action, { method: "POST", body: data, redirect: "manual" });
      location.reload();
    });
}

customElements.define("sealed-receive", SealedReceive);
languages();
