// <guided-tour>: shows the steps of a tour one after the other, each beside what it speaks of, on the page where that is.
// A step whose target isn't there for this person is passed over. The page stays usable meanwhile.
import { csrfToken, project } from "../../../web/static_src/web/page.js";

const GOES_ON = "tour"; // in this tab: the step that another page is opened for
const GAP = 12;
const NARROW = 600;
const typing = "input, textarea, select, [contenteditable], .cm-editor";

const find = ({ target }) => [...document.querySelectorAll(`[data-tour="${target}"]`)].find((place) => place.checkVisibility());
const isHere = ({ page }) => page === location.pathname;

class GuidedTour extends HTMLElement {
  #steps = [];
  #at = -1;
  #target;
  #opener;

  connectedCallback() {
    document.addEventListener("click", ({ target }) => {
      if (target.closest("[data-start-tour]")) this.#start();
      if (target.closest("[data-decline-tour]")) this.#decline();
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    for (const kind of ["scroll", "resize"]) addEventListener(kind, () => requestAnimationFrame(() => this.#place()), { passive: true });
    this.#part("next").addEventListener("click", () => this.#go(this.#at + 1, 1));
    this.#part("back").addEventListener("click", () => this.#go(this.#at - 1, -1));
    for (const name of ["end", "done"]) this.#part(name).addEventListener("click", () => this.#end());
    this.#resume();
  }

  #part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }

  async #start() {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    this.#opener = document.activeElement;
    this.#seen();
    await this.#learn();
    this.#go(0, 1);
  }

  /** Go on with the tour for which this page was opened. */
  async #resume() {
    const { app, at, by } = JSON.parse(sessionStorage.getItem(GOES_ON) ?? "{}");
    sessionStorage.removeItem(GOES_ON);
    if (app !== this.dataset.app) return;
    await this.#learn();
    if (this.#steps[at] && isHere(this.#steps[at])) this.#go(at, by);
  }

  async #learn() {
    const answer = await fetch(`${this.dataset.steps}?${new URLSearchParams({ project: project() })}`);
    this.#steps = answer.ok ? (await answer.json()).steps : [];
  }

  #seen() {
    if (this.dataset.offered === undefined) return;
    delete this.dataset.offered;
    fetch(this.dataset.seen, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, keepalive: true });
    for (const offer of document.querySelectorAll("[data-tour-offer]")) offer.remove();
  }

  #decline() {
    this.#seen();
    document.querySelector("main").focus();
  }

  /** Show the first step there is from here on, forwards or backwards; past the last one the tour is over. */
  #go(from, by) {
    for (let at = from; this.#steps[at]; at += by) {
      const step = this.#steps[at];
      if (!isHere(step)) {
        sessionStorage.setItem(GOES_ON, JSON.stringify({ app: this.dataset.app, at, by }));
        location.assign(step.page);
        return;
      }
      const target = find(step);
      if (target) {
        this.#show(at, target);
        return;
      }
    }
    if (by > 0) this.#end();
  }

  #show(at, target) {
    const begins = this.#part("card").hidden;
    const counted = this.#steps.filter((step) => !isHere(step) || find(step));
    const place = counted.indexOf(this.#steps[at]) + 1;
    const isLast = place === counted.length;
    [this.#at, this.#target] = [at, target];
    this.#part("count").textContent = interpolate(gettext("Step %s of %s"), [place, counted.length]);
    this.#part("title").textContent = this.#steps[at].title;
    this.#part("text").textContent = this.#steps[at].text;
    this.#part("back").hidden = place === 1;
    this.#part("next").hidden = isLast;
    this.#part("done").hidden = !isLast;
    for (const part of ["card", "light"]) this.#part(part).hidden = false;
    target.scrollIntoView({ block: innerWidth < NARROW || target.offsetHeight > innerHeight / 2 ? "start" : "center", behavior: "instant" });
    this.#place();
    if (begins || document.activeElement === document.body || document.activeElement.hidden) this.#part(isLast ? "done" : "next").focus({ preventScroll: true });
  }

  /** The light around the target, and the card under it, or above where there is no room; on a phone it is at the foot. */
  #place() {
    if (this.#at < 0) return;
    const card = this.#part("card");
    const { top, bottom, left, width, height } = this.#target.getBoundingClientRect();
    Object.assign(this.#part("light").style, { top: `${top - 4}px`, left: `${left - 4}px`, width: `${width + 8}px`, height: `${height + 8}px` });
    if (innerWidth < NARROW) {
      card.style.top = card.style.left = "";
      return;
    }
    const under = bottom + GAP + card.offsetHeight < innerHeight;
    const y = under ? bottom + GAP : Math.max(GAP, top - GAP - card.offsetHeight);
    card.style.top = `${y}px`;
    card.style.left = `${Math.max(GAP, Math.min(left, innerWidth - card.offsetWidth - GAP))}px`;
  }

  #key(event) {
    if (this.#at < 0 || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") this.#end();
    else if (event.target.closest?.(typing)) return;
    else if (event.key === "ArrowRight" && !this.#part("next").hidden) this.#go(this.#at + 1, 1);
    else if (event.key === "ArrowLeft" && !this.#part("back").hidden) this.#go(this.#at - 1, -1);
    else return;
    event.preventDefault();
  }

  #end() {
    this.#at = -1;
    for (const part of ["card", "light"]) this.#part(part).hidden = true;
    const back = this.#opener?.isConnected && this.#opener !== document.body && this.#opener.checkVisibility();
    (back ? this.#opener : document.querySelector("main")).focus({ preventScroll: true });
  }
}

customElements.define("guided-tour", GuidedTour);
