// <agent-key>: makes the key of an agent from the master key, in a worker of this page, and sends it sealed to the machine.
// The file and the passphrase have no names in the form: they never leave the browser.
import { start } from "../engine/worker/client.js";

class AgentKey extends HTMLElement {
  connectedCallback() {
    this.form.addEventListener("submit", this.#submit);
    this.form.hidden = false;
  }

  get form() {
    return this.querySelector("form");
  }

  #submit = async (event) => {
    event.preventDefault();
    this.#say("working");
    this.button.setAttribute("aria-disabled", "true");
    try {
      const { sealed, badge } = await this.#made();
      Object.assign(this.form.elements.sealed, { value: base64(sealed) });
      Object.assign(this.form.elements.badge, { value: base64(badge) });
      this.form.submit(); // without this listener
    } catch (error) {
      this.#say(this.#words(error.kind) ? error.kind : "error");
      this.button.removeAttribute("aria-disabled");
    }
  };

  get button() {
    return this.form.querySelector("button");
  }

  /** What is handed over. The worker ends with it, and with it the master key. */
  async #made() {
    const [file] = this.querySelector("[type=file]").files;
    const [keyfile, passphrase] = [await file.text(), this.querySelector("[type=password]").value];
    const { worker, objects, agent, sealTo, role, label } = this.dataset;
    const engine = start(worker);
    try {
      const { role: held, epochs, isolated } = await engine.call("open", { keyfile, passphrase, store: objects });
      if (held !== "master") throw Object.assign(new Error(held), { kind: "not-master" });
      const about = { agent, sealTo, role, label, isolated, epoch: epochs - 1 };
      return await engine.call("hand", { ...about, keyfile, masterPassphrase: passphrase });
    } finally {
      engine.close();
    }
  }

  #words(kind) {
    return this.querySelector(`[data-said="${kind}"]`);
  }

  /** The page brings every word, in the reader's language. */
  #say(kind) {
    const line = this.querySelector("[role=status]");
    line.textContent = this.#words(kind).textContent;
    line.classList.toggle("field-error", kind !== "working");
  }
}

const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

customElements.define("agent-key", AgentKey);
