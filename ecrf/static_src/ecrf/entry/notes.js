// What is said of a question beside its value or in its place: a status and a comment.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { idOf } from "./fields.js";

const WORDS = {
  wait: () => gettext("Still to come"),
  check: () => gettext("To be verified"),
  nsp: () => gettext("Doesn’t wish to answer"),
  na: () => gettext("Not applicable"),
  nd: () => gettext("Not known"),
};

/** What a status is called: ours, or the study's own. */
export function statusWord(form, code) {
  const own = (form.compiled.data.missing_codes ?? []).find((choice) => choice.code === code);
  return own ? form.show.text(own.label) || code : (WORDS[code]?.() ?? code);
}

/** The button beside a label, with what is said already. */
export function noteMark(form, spec) {
  if (!form.mayNote(spec)) return nothing;
  const note = form.notes[spec.key];
  const said = [note?.status && statusWord(form, note.status), note?.comment && gettext("comment")].filter(Boolean).join(", ");
  if (!form.data.editable && !said) return nothing;
  return html`<button
    class="note-mark${said ? " is-said" : ""}"
    type="button"
    aria-expanded=${form.opened_note === spec.key ? "true" : "false"}
    title=${said || gettext("Status and comment")}
    @click=${() => form.openNote(spec.key)}
  >${note?.status ? icon("flag") : icon("message-circle")}<span class=${said ? "" : "visually-hidden"}>${said || gettext("Status and comment")}</span><span class="visually-hidden"> ${form.show.text(spec.label)}</span></button>`;
}

export function notePanel(form, spec) {
  if (form.opened_note !== spec.key) return nothing;
  const note = form.notes[spec.key] ?? {};
  const id = `${idOf(spec.key)}-note`;
  const held = form.raw(spec.key);
  const empty = held === null || held === undefined || held === "" || held.length === 0;
  const fixed = form.fixed(spec);
  return html`<div class="note-panel" data-note-panel>
    <label class="form-label" for="${id}-status">${gettext("Status")}</label>
    <select class="form-select" id="${id}-status" ?disabled=${fixed} @change=${(event) => form.note(spec.key, { status: event.target.value })}>
      <option value="" ?selected=${!note.status}>${gettext("None")}</option>
      ${[...form.compiled.statuses].map(
        ([code, replaces]) =>
          html`<option value=${code} ?selected=${note.status === code}>${statusWord(form, code)}${replaces && !empty ? ` (${gettext("empties the field")})` : ""}</option>`,
      )}
    </select>
    <label class="form-label" for="${id}-comment">${gettext("Comment")}</label>
    <textarea class="form-control" id="${id}-comment" rows="2" maxlength="2000" ?disabled=${fixed} .value=${note.comment ?? ""} @change=${(event) => form.note(spec.key, { comment: event.target.value.trim() })}></textarea>
    <button class="btn btn-sm" type="button" @click=${() => form.openNote(spec.key)}>${gettext("Close")}</button>
  </div>`;
}
