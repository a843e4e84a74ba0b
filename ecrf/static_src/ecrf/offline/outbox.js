// The work that isn't with the server yet, and what the server said of what came to it.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";

export function outbox(page) {
  const { unsent, told } = page.desk;
  const words = unsent.length
    ? interpolate(ngettext("One piece of work isn’t sent yet", "%s pieces of work aren’t sent yet", unsent.length), [unsent.length])
    : gettext("Everything is sent");
  const look = unsent.length ? "warning" : "done";
  return html`<section class="offline-bar" aria-label=${gettext("Sending")}>
      <span class="state state-${page.isAway ? "waiting" : "done"}" data-network>${page.isAway ? icon("wifi-off") : icon("wifi")}<span>${page.isAway ? gettext("The server can’t be reached") : gettext("The server can be reached")}</span></span>
      <span class="state state-${look}" data-unsent role="status">${unsent.length ? icon("upload") : icon("circle-check")}<span>${words}</span></span>
      <button class="btn btn-sm" type="button" ?disabled=${page.sending} @click=${() => page.send(true)}>${icon("refresh")}${page.sending ? gettext("Sending…") : unsent.length ? gettext("Send now") : gettext("Bring up to date")}</button>
    </section>
    ${page.needsSignIn && unsent.length ? html`<div class="notice notice-warning">${icon("lock")}<p>${gettext("Sign in to send your work: press “Send now”.")}</p></div>` : nothing}
    ${unsent.filter((piece) => piece.refused).map(
      (piece) => html`<div class="notice notice-failed">${icon("circle-x")}<div><p class="notice-title">${piece.refused}</p><p>${nameOf(page, piece)}</p><div class="buttons"><button class="btn btn-sm" type="button" @click=${() => page.desk.giveUp(piece)}>${gettext("Remove it from this device")}</button></div></div></div>`,
    )}
    ${told.length
      ? html`<details class="offline-told" open data-told><summary>${gettext("What you should know of what was sent")}</summary>
          <ul class="offline-list">${told.map((answer) => html`<li><strong>${answer.subject} ${page.desk.forms.get(answer.form)?.title ?? ""}</strong><span>${wordsOf(page, answer)}</span></li>`)}</ul>
          <button class="btn btn-sm" type="button" @click=${() => page.desk.forgetTold().then(() => page.draw())}>${gettext("I have read this")}</button></details>`
      : nothing}`;
}

/** What became of a piece of work, in a sentence or two. */
function wordsOf(page, answer) {
  const compiled = page.desk.forms.get(answer.form)?.compiled;
  const label = (place) => {
    const key = place.split(".").at(-1);
    const texts = compiled?.items.get(key)?.spec.label ?? compiled?.groups.get(key)?.group.title;
    return texts?.[page.given.language] ?? Object.values(texts ?? {})[0] ?? place;
  };
  const said = [];
  if (answer.conflicts?.length) said.push(interpolate(gettext("Changed by others too: %s. What is saved stays; your value is in a query."), [answer.conflicts.map(label).join(", ")]));
  for (const one of answer.left ?? []) said.push(`${label(one.place)}${gettext(": ")}${one.message}`);
  if (answer.message) said.push(answer.message);
  if (answer.incomplete?.length) said.push(gettext("A page is not complete together with what others saved."));
  return said.join(" ");
}

export const nameOf = (page, piece) => {
  const subject = page.desk.subjects.get(piece.subject ?? piece.id);
  return [subject?.number || gettext("New subject"), page.desk.forms.get(piece.form)?.title].filter(Boolean).join(" · ");
};
