// What the elements of these pages have in common: named parts that are shown by turns, a bar, a link to copy.
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { start } from "../engine/worker/client.js";
import { duration, size, trouble } from "./words.js";

const SPEED_OVER = 5000;
const STALLED = 6000;

export class Parts extends HTMLElement {
  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  /** Shows one of the parts that take turns; who used the keyboard goes on in it. */
  turn(name) {
    for (const each of this.querySelectorAll("[data-turn]")) each.hidden = each.dataset.turn !== name;
    const shown = this.querySelector(`[data-turn="${name}"]`);
    (shown.querySelector("[data-focus]") ?? shown).focus({ preventScroll: false });
  }

  say(name, text) {
    for (const each of this.querySelectorAll(`[data-part="${name}"]`)) each.textContent = text;
  }

  get engine() {
    return (this.started ??= start(this.dataset.worker));
  }

  fail(error) {
    this.part("fault").hidden = false;
    this.say("why", trouble(error));
  }

  calm() {
    this.part("fault").hidden = true;
  }

  /** How far it is, how fast, and how long it still takes. @param {number} total */
  meter(total) {
    const bar = this.part("bar");
    const marks = [];
    let told = 0;
    bar.max = total;
    clearInterval(this.watching);
    this.watching = setInterval(() => {
      if (marks.length && performance.now() - marks.at(-1)[0] > STALLED) this.say("speed", gettext("Waiting for the network…"));
    }, 1000);
    return (done) => {
      const now = performance.now();
      bar.value = done;
      marks.push([now, done]);
      while (marks.length > 2 && now - marks[0][0] > SPEED_OVER) marks.shift();
      if (now - told < 500 && done < total) return;
      told = now;
      const [[since, before]] = marks;
      const speed = now > since ? (1000 * (done - before)) / (now - since) : 0;
      this.say("done", interpolate(gettext("%(done)s of %(all)s"), { done: size(done), all: size(total) }, true));
      const words = { speed: size(speed), left: duration((total - done) / speed) };
      this.say("speed", speed > 0 && now - since > 1000 ? interpolate(gettext("%(speed)s a second, %(left)s left"), words, true) : "");
    };
  }

  rest() {
    clearInterval(this.watching);
  }

  /** While something is under way, leaving asks first. */
  guard(busy) {
    this.leaving ??= (event) => event.preventDefault();
    if (busy) addEventListener("beforeunload", this.leaving);
    else removeEventListener("beforeunload", this.leaving);
  }

  disconnectedCallback() {
    this.rest();
    this.guard(false);
  }
}

/** A button that copies what a field holds. */
export function copies(button, field) {
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    toast(gettext("Copied."), "success");
  });
}
