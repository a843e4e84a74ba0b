// <ecrf-offline>: work without a network. Nothing of a patient is on this page until the offline code was given; from then
// on all is read from and written to the sealed store, and sent when the server can be reached.
import { html, nothing, render } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { reader } from "../../../../core/web/static_src/web/page.js";
import { toast } from "../../../../core/web/static_src/web/toast.js";
import * as count from "./count.js";
import { Desk } from "./desk.js";
import { locked, welcome } from "./opening.js";
import { outbox } from "./outbox.js";
import { rescuing } from "./rescuing.js";
import * as server from "./server.js";
import { sheetPage } from "./sheet.js";
import { exists, nameOf, Store } from "./store.js";
import { subjects } from "./subjects.js";
import { taking } from "./taking.js";

const AGAIN = 60_000;
const IDLE = 15 * 60_000;

class Offline extends HTMLElement {
  async connectedCallback() {
    this.given = JSON.parse(document.getElementById(this.dataset.source).textContent);
    this.database = nameOf(this.given.project, reader());
    this.state = "loading";
    this.isAway = !navigator.onLine;
    this.situation = null;
    this.busy = "";
    this.fault = "";
    this.sheet = null;
    this.isPersistent = await navigator.storage?.persisted?.();
    this.register();
    await this.begin();
    addEventListener("online", () => this.send());
    addEventListener("offline", () => this.away(true));
    navigator.serviceWorker?.addEventListener("message", ({ data }) => data === "send" && this.send());
    setInterval(() => this.desk && this.send(), AGAIN);
    for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => (this.used = Date.now()), { passive: true });
    setInterval(() => this.desk && Date.now() - this.used > IDLE && location.reload(), AGAIN); // the key goes with the page
  }

  /** Have the page kept for where there is no network; what is kept already stays if that can't be done now. */
  async register() {
    try {
      this.worker = await navigator.serviceWorker?.getRegistration(this.given.scope);
      this.worker = await navigator.serviceWorker?.register(this.given.worker, { scope: this.given.scope, updateViaCache: "none" });
    } catch (fault) {
      if (this.worker || this.isAway) return;
      this.fault = interpolate(gettext("This page can’t be kept for offline use in this browser (%s)."), [fault.name]);
      this.draw();
    }
  }

  async begin() {
    const said = count.told(this.given);
    if (await exists(this.database)) {
      this.store = await Store.open(this.database);
      this.state = (await this.store.lockRow()) ? "locked" : "welcome";
      this.waiting = await this.store.count();
    } else {
      this.state = "welcome";
      if (said) this.lost = said.count;
      count.forget(this.given);
    }
    this.draw();
    await this.look();
  }

  /** How we stand with the server. */
  async look() {
    try {
      await server.isSignedIn(false);
      await this.stand(await server.situation(this.given.urls, this.desk?.device?.id));
      this.away(false);
    } catch (fault) {
      this.said(fault);
    }
    this.draw();
  }

  /** What the server says of this device; the sites are kept for including subjects without it. */
  async stand(situation) {
    this.situation = situation ?? this.situation;
    if (this.desk && situation) await this.desk.keep("device", (this.desk.device = { ...this.desk.device, sites: situation.sites }));
  }

  away(isAway) {
    this.isAway = isAway;
    this.draw();
  }

  said(fault) {
    if (fault instanceof server.NoAccess && this.desk) this.dropRecords().then(() => this.draw());
    if (fault instanceof server.Away) this.isAway = true;
    else if (fault instanceof server.Said) this.fault = fault.message;
    else if (fault?.name === "QuotaExceededError") this.fault = gettext("This device has no room left: send your work or save it into a rescue file, then make room.");
    else throw fault;
  }

  /** Do something that takes a moment, said in words. */
  async during(words, act) {
    if (this.busy) return;
    [this.busy, this.fault] = [words, ""];
    this.draw();
    try {
      await act();
    } catch (fault) {
      this.said(fault);
    } finally {
      this.busy = "";
      this.draw();
      if (this.fault) this.querySelector("[data-fault]")?.focus();
    }
  }

  /** A first code: the device is made ready. */
  prepare(label, code) {
    return this.during(gettext("Making this device ready…"), async () => {
      await server.isSignedIn(true);
      this.isPersistent = await navigator.storage?.persist?.();
      const { device } = await server.register(this.given.urls, label, this.isPersistent);
      this.store = await Store.open(this.database);
      await this.store.begin(code);
      this.desk = new Desk(this.store);
      this.desk.device = device;
      await this.desk.keep("device", device);
      this.lost = undefined;
      await this.opened();
    });
  }

  unlock(code) {
    return this.during(gettext("Opening…"), async () => {
      if (!(await this.store.unlock(code))) {
        this.fault = gettext("This isn’t the code of this device.");
        return;
      }
      this.desk = new Desk(this.store);
      await this.desk.load();
      await this.opened();
    });
  }

  async opened() {
    this.desk.onChange = () => this.changed();
    this.state = "open";
    this.used = Date.now();
    this.changed();
    const wanted = new URLSearchParams(location.hash.slice(1)).get("take");
    history.replaceState({}, "", location.pathname);
    await this.look();
    if (wanted && !this.isAway) await this.takeWhole([wanted]);
    else this.send();
  }

  changed() {
    count.tell(this.given, { count: this.desk.unsent.length, database: this.database, device: this.desk.device.id });
    this.draw();
    if (this.desk.unsent.length) this.worker?.sync?.register("send").catch(() => undefined); // not every browser wakes us
    if (!this.isAway && !this.sheet) this.send();
  }

  takeNow(ids) {
    return this.during(gettext("Taking the records…"), () => this.takeWhole(ids));
  }

  async takeWhole(ids) {
    await server.isSignedIn(true);
    const taken = await server.take(this.given.urls, this.desk.device.id, ids);
    await this.desk.takeRecords(taken);
    await this.stand(taken);
    this.isAway = false;
    this.changed();
    toast(interpolate(ngettext("One subject’s records are on this device.", "%s subjects’ records are on this device.", this.desk.subjects.size), [this.desk.subjects.size]), "success");
  }

  /** Send what waits, when there is a way; `ask`: the reader wants it, so have him sign in where he must. */
  async send(ask = false) {
    if (!this.desk || this.sending) return;
    this.sending = true;
    this.draw();
    try {
      if (await server.isSignedIn(ask)) {
        this.needsSignIn = false;
        const before = this.desk.unsent.length;
        const settled = before ? await server.send(this.given.urls, this.desk) : 0;
        this.isAway = false;
        if (this.desk.device.revoked) await this.revoked();
        else if (settled || ask) await this.stand(await server.renew(this.given.urls, this.desk));
        else await this.stand(await server.situation(this.given.urls, this.desk.device.id));
        if (this.situation?.device?.revoked) await this.revoked();
        if (settled) toast(interpolate(ngettext("One piece of work was sent.", "%s pieces of work were sent.", settled), [settled]), "success");
      } else this.needsSignIn = true;
    } catch (fault) {
      this.said(fault);
    } finally {
      this.sending = false;
      if (this.desk) count.tell(this.given, { count: this.desk.unsent.length, database: this.database, device: this.desk.device.id });
      this.draw();
    }
  }

  /** Who has no access any more keeps nothing but his own work that isn't sent. */
  async dropRecords() {
    for (const id of [...this.desk.subjects.keys()]) if (!this.desk.unsentOf(id).length) await this.desk.drop(id);
  }

  /** The study took this device its rights: what it holds goes, what isn't sent was sent. */
  async revoked() {
    await this.dropRecords();
    this.fault = gettext("This device was revoked by the study. Its records were removed; what you had entered was sent and is looked at by the managers.");
  }

  remove(subject) {
    return this.during(gettext("Removing…"), async () => {
      await this.desk.drop(subject.id);
      this.changed();
      if (!subject.isNew) await server.giveBack(this.given.urls, this.desk.device.id, [subject.id]);
    });
  }

  removeAll() {
    return this.during(gettext("Removing…"), async () => {
      const { id } = this.desk.device;
      await this.store.destroy();
      count.forget(this.given);
      [this.desk, this.store, this.state] = [null, null, "welcome"];
      await server.giveBack(this.given.urls, id);
    });
  }

  open(subject, sheet) {
    this.sheet = { subject: subject.id, ...sheet };
    this.draw();
    scrollTo(0, 0);
    this.querySelector("h1")?.focus();
  }

  close() {
    this.sheet = null;
    this.draw();
    this.querySelector("h1")?.focus();
    this.changed();
  }

  draw() {
    const faults = this.fault ? html`<div class="notice notice-failed" role="alert" tabindex="-1" data-fault>${icon("alert-circle")}<p>${this.fault}</p></div>` : nothing;
    const busy = html`<p class="offline-busy" role="status" data-busy>${this.busy}</p>`;
    render(html`${faults}${busy}${this.body()}`, this);
  }

  body() {
    if (this.state === "loading") return nothing;
    if (this.state === "welcome") return welcome(this);
    if (this.state === "locked") return locked(this);
    if (this.sheet) return sheetPage(this);
    return html`<div class="page-head"><div class="page-title"><h1 tabindex="-1">${this.given.title}</h1></div></div>
      ${outbox(this)} ${subjects(this)} ${taking(this)} ${rescuing(this)}`;
  }
}

customElements.define("ecrf-offline", Offline);
