// Links whose keys this browser knows: in the list, on the page of a file, and those of requests.
import { forget, keep, known } from "./kept.js";
import { copies, Parts } from "./parts.js";
import { call } from "./server.js";

/** <sealed-name>: what a file is called, where it was sent from here. */
class SealedName extends HTMLElement {
  connectedCallback() {
    const { name } = known(this.dataset.link) ?? {};
    if (name) this.textContent = name;
  }
}

/** <sealed-link>: the whole link, where its key is known. */
class SealedLink extends Parts {
  connectedCallback() {
    const { link, over } = this.dataset;
    if (over !== undefined) return forget(link);
    const { key } = known(link) ?? {};
    this.part("known").hidden = !key;
    this.part("unknown").hidden = Boolean(key);
    if (!key) return;
    const field = this.part("link");
    field.value = `${location.origin}/sealed/${link}/#${key}`;
    copies(this.part("copy"), field);
  }
}

/** <sealed-ask>: makes the two keys of a request; one's own stays here. */
class SealedAsk extends Parts {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => (event.preventDefault(), void this.run()));
  }

  async run() {
    this.calm();
    const { days, most_bytes: most } = this.form.elements;
    try {
      const { own } = await this.engine.call("newRequest");
      const data = { project: this.dataset.project, days: Number(days.value), most_bytes: Number(most.value) };
      const row = await call("POST", this.dataset.api, data);
      keep(row.link, { own });
      location.assign(`${this.dataset.page}${row.id}/#${own}`);
    } catch (error) {
      this.fail(error);
    }
  }
}

/** <sealed-request>: the link to give away, and with one's own key the way to each file that came in. */
class SealedRequest extends Parts {
  async connectedCallback() {
    const said = /^#([\w-]{43})$/.exec(location.hash)?.[1];
    // What was made here comes first: a link that somebody has changed must not take the place of the only key.
    const own = known(this.dataset.link)?.own ?? said;
    for (const each of this.querySelectorAll('[data-part="unknown"]')) each.hidden = Boolean(own);
    for (const each of this.querySelectorAll('[data-part="known"]')) each.hidden = !own;
    if (!own) return;
    try {
      await this.show(own);
    } catch (error) {
      this.fail(error);
    }
  }

  async show(own) {
    const { link } = this.dataset;
    const given = this.part("given");
    if (given) {
      given.value = `${location.origin}/sealed/to/${link}/#${await this.engine.call("givenOf", { own })}`;
      copies(this.part("copy-given"), given);
    }
    const mine = this.part("mine");
    mine.value = `${location.origin}${location.pathname}#${own}`;
    copies(this.part("copy-mine"), mine);
    for (const file of this.querySelectorAll("[data-envelope]")) {
      const key = await this.opened(own, file.dataset.envelope);
      file.hidden = !key;
      file.nextElementSibling.hidden = Boolean(key);
      file.href = `${file.dataset.address}#${key}`;
    }
  }

  /** The key of a file; none where a stranger has sealed something else, which hinders no other file. */
  opened(own, envelope) {
    return this.engine.call("openEnvelope", { own, request: this.dataset.link, envelope }).catch((error) => {
      if (error.kind !== "damaged") throw error;
      return null;
    });
  }
}

customElements.define("sealed-name", SealedName);
customElements.define("sealed-link", SealedLink);
customElements.define("sealed-ask", SealedAsk);
customElements.define("sealed-request", SealedRequest);
