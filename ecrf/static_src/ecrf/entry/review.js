// What people say of a record beside its values: queries at its fields, marks of verification, remarks of the study's rules.
import { html, nothing } from "lit-html";
import { csrfToken } from "../../../../core/web/static_src/web/page.js";
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { Queries, querySigns, queryPanel } from "./queries.js";
import { ask } from "./server.js";
import { Verifying, verifySign, verifyTools } from "./verify.js";

/** Called once when the form is there. */
export function attach(form) {
  form.queries = new Queries(form);
  form.verifying = new Verifying(form);
  refresh(form);
  const wanted = new URLSearchParams(location.search);
  if (wanted.has("verify")) form.verifying.toggle();
  if (location.hash.startsWith("#item-")) form.querySelector(`[data-key="${CSS.escape(location.hash.slice(6))}"]`)?.scrollIntoView({ block: "center" });
}

/** Called after each save: checks may have opened and closed queries, and values that were verified have changed. */
export function refresh(form) {
  form.queries?.load();
  form.verifying?.load();
}

/** What stands beside the label of a field. */
export function signs(form, spec) {
  if (form.aside) return form.aside(spec);
  if (!form.data.record) return nothing;
  const code = form.edits.has(spec.key) ? null : form.data.codes?.[spec.key];
  return html`<span class="signs">${code ? html`<span class="code-sign" title=${code.word}>${code.label || code.word}${code.code ? html` <code>${code.code}</code>` : nothing}</span>` : nothing}${verifySign(form, spec)}${querySigns(form, spec)}</span>`;
}

/** What stands under the title of a page. */
export const pageTools = (form, page) => (form.data.record ? verifyTools(form, page) : nothing);

export const panel = (form) => queryPanel(form);

/** What the study's rules said at the last save, at the fields as they were then. */
export const remarks = (form, key) =>
  (form.data.remarks ?? []).filter((one) => one.key === key && !form.edits.has(key)).map((one) => ({ key, code: "own_rule", severity: "warning", params: {}, place: key, message: one.message }));

/** Ask the server. Gives what it answers, or nothing, after having said why. */
export async function call(address, sent) {
  const headers = sent ? { "Content-Type": "application/json", "X-CSRFToken": csrfToken() } : {};
  let response;
  try {
    response = await ask(address, sent ? { method: "POST", headers, body: JSON.stringify(sent) } : {});
  } catch {
    return { fault: gettext("The server can’t be reached. Try again.") };
  }
  if (response.ok) return { ok: await response.json() };
  if (response.status === 409 || response.status === 422) {
    const said = await response.json();
    return { status: response.status, fault: [said.message, ...(said.errors ?? []).map((one) => one.message)].filter(Boolean).join(" ") };
  }
  if (response.status === 403) return { fault: gettext("You may not do this any more.") };
  return { fault: gettext("The server couldn’t do this. Try again, or call support.") };
}

export const complain = (fault) => toast(fault, "error");
