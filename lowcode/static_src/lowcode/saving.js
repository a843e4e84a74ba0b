// Keeps the analysis by itself, says so in words, and never overwrites what somebody else has saved.
import { toast } from "../../../core/web/static_src/web/toast.js";
import { call } from "./api.js";
import { sent } from "./question.js";

const KEEP_AFTER = 900;

export class Keeper {
  constructor(page) {
    this.page = page;
    this.place = document.querySelector("[data-save-state]");
    this.revision = page.state.revision;
    this.kept = this.content();
    this.said = this.place.textContent;
    addEventListener("pagehide", () => this.leave(), { signal: page.drawn.signal });
  }

  content() {
    const { name, query, chart } = this.page.now;
    return JSON.stringify({ name: name.trim() || this.page.state.name, query: sent(query), chart });
  }

  get pending() {
    return this.content() !== this.kept;
  }

  /** A question with faults of its own waits until they are mended; one that only could not be answered is kept. */
  get faulty() {
    const { problem } = this.page;
    return problem?.status === 422 && problem.faults.some((fault) => fault.place.startsWith("query."));
  }

  /** Save in a moment; where a change was undone in time, there is nothing to save and what was saved is said again. */
  later() {
    if (this.stale) return;
    if (!this.pending) {
      clearTimeout(this.waiting);
      this.say(this.said);
      return;
    }
    this.say(gettext("Changes not saved yet"));
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.flush(), KEEP_AFTER);
  }

  /** Save now, after what is being saved. */
  flush() {
    clearTimeout(this.waiting);
    this.last = (this.last ?? Promise.resolve()).then(() => this.save());
    return this.last;
  }

  async save() {
    if (this.stale || !this.pending || this.faulty) return;
    const content = this.content();
    this.say(gettext("Saving…"));
    try {
      const response = await call("PUT", this.page.state.urls.analysis, { ...JSON.parse(content), revision: this.revision });
      this.revision = (await response.json()).revision;
      this.kept = content;
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      this.said = interpolate(gettext("Saved at %s"), [time]);
      if (!this.pending) this.say(this.said);
    } catch (error) {
      this.stale = error.status === 409;
      this.say(this.stale ? gettext("Not saved: somebody else changed it") : gettext("Not saved"));
      toast(error.message, "error");
    }
  }

  /** The page closes: send what is left, without waiting for an answer. */
  leave() {
    if (this.stale || !this.pending || this.faulty) return;
    const body = { ...JSON.parse(this.content()), revision: this.revision };
    call("PUT", this.page.state.urls.analysis, body, { keepalive: true }).catch(() => undefined);
  }

  say(text) {
    this.place.textContent = text;
  }
}
