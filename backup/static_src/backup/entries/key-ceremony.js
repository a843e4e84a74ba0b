// <key-ceremony>: a repository is named, its key made in a worker of this page, kept, and shown to be kept; only then is it registered.
// What the server is sent opens nothing that is saved. Until the key is kept there is nothing to lose but this page.
import { signInAgain } from "../../../../core/portal/static_src/portal/session.js";
import { Keeping } from "../keys/keeping.js";
import { Away, call } from "../sends/server.js";

const GB = 1e9;
/** From how many signs on a passphrase is more than enough for its length; below, `data-shortest` counts. */
const GOOD = 18, STRONG = 26;
const length = (text) => [...text].length;
const plain = (code) => code.toUpperCase().replace(/[\s-]/g, "");

class KeyCeremony extends Keeping {
  connectedCallback() {
    super.connectedCallback();
    const steps = { place: () => this.#place(), make: () => this.#make(), prove: () => this.#prove() };
    for (const [name, act] of Object.entries(steps)) this.#on(name, act);
    for (const button of this.querySelectorAll("[data-to]")) button.addEventListener("click", () => this.#go(button.dataset.to));
    for (const line of this.querySelectorAll("[data-fault]")) {
      line.id = `fault-${line.dataset.fault}`;
      const field = line.parentElement.querySelector("input");
      field.setAttribute("aria-describedby", [line.id, field.getAttribute("aria-describedby")].filter(Boolean).join(" "));
    }
    this.part("passphrase").addEventListener("input", () => this.#weigh());
    this.querySelector('[data-turn="place"]').hidden = false;
  }

  #on(name, act) {
    this.part(name).addEventListener("submit", async (event) => {
      event.preventDefault();
      if (this.busy) return;
      this.busy = true;
      this.calm();
      this.#fault();
      try {
        await act();
      } catch (error) {
        this.fail(error);
      } finally {
        this.busy = false;
        this.say("working", "");
      }
    });
  }

  #go(name) {
    this.calm();
    this.#fault();
    for (const stage of this.querySelectorAll("[data-stage]")) {
      if (stage.dataset.stage === name) stage.setAttribute("aria-current", "step");
      else stage.removeAttribute("aria-current");
    }
    this.turn(name);
  }

  get title() {
    return this.#value("name").trim();
  }

  #value(name) {
    const field = this.part("place").elements[name];
    return field?.type === "checkbox" ? field.checked : (field?.value ?? "");
  }

  /** Says what is wrong at a field; without a name, nothing is. */
  #fault(name, words) {
    for (const line of this.querySelectorAll("[data-fault]")) {
      const isIt = line.dataset.fault === name;
      line.hidden = !isIt;
      line.querySelector("span").textContent = isIt ? words : "";
      if (isIt) line.parentElement.querySelector("input").focus();
    }
  }

  #place() {
    const taken = [...this.querySelectorAll("[data-taken]")].some((each) => each.textContent === this.title);
    if (!this.title) return this.#fault("name", this.words("no-name"));
    if (taken) return this.#fault("name", this.words("taken"));
    if (!this.part("place").elements.quota.checkValidity()) return this.#fault("quota", this.words("no-size"));
    return this.#go(this.key ? "prove" : "make");
  }

  /** Tells by the length how hard a passphrase is to guess. */
  #weigh() {
    const size = length(this.part("passphrase").value);
    const marks = Object.entries({ none: 1, short: Number(this.dataset.shortest), fair: GOOD, good: STRONG, strong: Infinity });
    const [found] = marks.find(([, most]) => size < most);
    for (const mark of this.querySelectorAll("[data-strength]")) mark.hidden = mark.dataset.strength !== found;
  }

  async #make() {
    const [passphrase, again] = [this.part("passphrase"), this.part("again")];
    if (passphrase.value && length(passphrase.value) < Number(this.dataset.shortest)) return this.#fault("passphrase", this.words("short"));
    if (passphrase.value !== again.value) return this.#fault("again", this.words("unlike"));
    this.say("working", this.words("making"));
    const [isolated, saves] = [this.#value("isolated"), this.#value("saves_here")];
    const made = await this.engine.call("found", { label: `suite ${location.origin}`, passphrase: passphrase.value, isolated, saves });
    this.hold({ ...made, isProtected: Boolean(passphrase.value), passphrase: passphrase.value });
    passphrase.value = again.value = "";
    this.#weigh();
    for (const name of ["isolated", "saves_here"]) this.part("place").elements[name].disabled = true; // the key is made so
    this.guard(true);
    return this.#go("keep");
  }

  keep(way) {
    super.keep(way);
    this.part("keep-on").disabled = !this.kept.size;
  }

  /** The control code, as it stands in what was kept: the file, the sheet, or each share. */
  async #prove() {
    const [file] = this.part("saved").files;
    const given = file ? await this.engine.call("control", { keyfile: await file.text() }) : this.part("code").value;
    const known = [this.key.control, ...(this.key.shares ?? []).map(({ code }) => code.split("/")[3])];
    if (!known.map(plain).includes(plain(given))) return this.#fault(file ? "saved" : "code", this.words(file ? "other-file" : "wrong"));
    this.say("working", this.words("registering"));
    return this.#registered(await this.#register());
  }

  /** Sent again where the answer was lost, it is done once. */
  async #register() {
    const { project, api } = this.dataset;
    const quota = this.#value("quota") ? Math.round(Number(this.#value("quota")) * GB) : null;
    const { founding, control, repository } = this.key;
    const data = {
      ...founding, project, name: this.title, folder: this.#value("folder"), quota, config: base64(founding.config), code: control,
    };
    try {
      return await call("POST", api, data, { "Idempotency-Key": repository });
    } catch (error) {
      if (error.status !== 401) throw error instanceof Away ? Object.assign(error, { kind: "unreachable" }) : error;
      await signInAgain();
      return this.#register();
    }
  }

  fail(error) {
    const fault = error.faults?.length && error.faults.find(({ place }) => this.querySelector(`[data-turn="place"] [data-fault="${place}"]`));
    if (!fault) return super.fail(error);
    this.#go("place");
    return this.#fault(fault.place, fault.message);
  }

  #registered({ id }) {
    this.guard(false);
    this.engine.close();
    this.forget();
    this.part("open").href = `${this.dataset.pages}${id}/`;
    for (const next of this.querySelectorAll("[data-next]")) next.hidden = (next.dataset.next === "plan") !== this.#value("saves_here");
    this.#go("done");
  }
}

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

customElements.define("key-ceremony", KeyCeremony);
