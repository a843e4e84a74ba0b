// Verification against the source: a mode of the page in which each value that was entered can be ticked.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { call, complain } from "./review.js";

export class Verifying {
  constructor(form) {
    this.form = form;
    this.on = false;
    this.busy = false;
    this.state = null;
    this.ticking = null;
  }

  async load() {
    const { record, mayVerify } = this.form.data;
    if (!record || !(mayVerify || this.on)) return;
    const { ok } = await call(record.verification);
    if (!ok) return;
    this.state = ok;
    this.form.draw();
  }

  toggle() {
    this.on = !this.on;
    this.load();
    this.form.draw();
  }

  async mark(sent) {
    if (this.busy) return;
    this.busy = true;
    this.ticking = sent;
    const { ok, fault } = await call(this.form.data.record.mark, { revision: this.form.data.revision, ...sent });
    this.busy = false;
    this.ticking = null;
    if (ok) this.state = ok;
    else complain(fault);
    this.form.draw();
  }

  /** A tick that is on its way counts, until the server has said otherwise. */
  of(key) {
    if (this.ticking?.items?.includes(key)) return this.ticking.withdraw ? "" : "verified";
    return this.state?.marks[key]?.state ?? "";
  }
}

/** The tick at a field, in verify mode, where something was entered. */
export function verifySign(form, spec) {
  const { verifying } = form;
  if (!verifying.on || !verifying.state?.entered.includes(spec.key)) return nothing;
  const state = verifying.of(spec.key);
  const done = state === "verified";
  const label = form.show.text(spec.label) || spec.key;
  const changed = form.edits.has(spec.key);
  const due = verifying.state.due.includes(spec.key);
  const words = done ? gettext("Verified") : state === "outdated" ? gettext("Changed since") : due ? gettext("To verify") : gettext("Not in the plan");
  return html`<label class="verify-sign is-${done ? "verified" : state || (due ? "due" : "free")}" title=${done ? (verifying.state.marks[spec.key]?.by ?? nothing) : nothing}>
    <input
      class="form-check-input"
      type="checkbox"
      ?disabled=${changed || !form.data.mayVerify}
      .checked=${live(done)}
      @change=${(event) => verifying.mark({ items: [spec.key], withdraw: !event.target.checked })}
    /><span>${words}</span><span class="visually-hidden">, ${label}</span>
  </label>`;
}

/** Under the title of a page: the mode, what is left there, and the tick for all of it. */
export function verifyTools(form, page) {
  const { verifying } = form;
  if (!form.data.mayVerify || !verifying) return nothing;
  const toggle = html`<button class="btn btn-sm" type="button" aria-pressed=${verifying.on ? "true" : "false"} @click=${() => verifying.toggle()}>${icon("shield-check")}${gettext("Verify against the source")}</button>`;
  if (!verifying.on || !verifying.state) return html`<div class="page-tools">${toggle}</div>`;
  const here = page.groups.flatMap((group) => (group.repeat ? [group.repeat.key] : group.items.map((spec) => spec.key)));
  const left = verifying.state.due.filter((key) => here.includes(key) && verifying.of(key) !== "verified");
  const words = left.length ? interpolate(ngettext("One value to verify on this page", "%s values to verify on this page", left.length), [left.length]) : gettext("Nothing left to verify on this page");
  return html`<div class="page-tools">
    ${toggle}<span role="status">${words}</span>
    ${left.length ? html`<button class="btn btn-sm btn-primary" type="button" ?disabled=${verifying.busy || form.dirty} @click=${() => verifying.mark({ items: left })}>${icon("checks")}${gettext("All of them agree with the source")}</button>` : nothing}
  </div>`;
}
