// Stop now and go on later, here or elsewhere: everything is saved, a code is shown, the visit ends.
import { html, nothing } from "lit-html";
import { csrfToken } from "../../../../core/web/static_src/web/page.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { send } from "./server.js";

export function later(form) {
  if (form.data.isKiosk) return html`<a class="btn" href=${form.data.urls.back} @click=${(event) => leaveTablet(form, event)}>${icon("device-tablet")}${gettext("Give the tablet back")}</a>`;
  const state = form.later;
  if (!state) return html`<button class="btn btn-link-quiet" type="button" @click=${() => stop(form)}>${icon("player-pause")}${gettext("Go on later")}</button>`;
  return html`<div class="participant-later" role="dialog" aria-labelledby="later-title">
    <h3 id="later-title" tabindex="-1" data-later>${gettext("Go on later")}</h3>
    ${state.code
      ? html`<p>${gettext("Everything is saved. Write this code down: with it you go on from any device.")}</p>
          <p class="participant-return code" dir="ltr" data-code>${state.code}</p>
          <p>${gettext("Where to type it:")} <span class="code" dir="ltr">${location.origin}${form.data.urls.return}</span></p>
          ${state.mailed ? html`<p role="status">${gettext("The code is in your mail too.")}</p>` : form.data.canMail ? html`<button class="btn" type="button" @click=${() => code(form, true)}>${icon("mail")}${gettext("Send it to my address too")}</button>` : nothing}`
      : html`<p role="alert">${state.words}</p>`}
    <div class="participant-row">
      <form method="post" action=${form.data.urls.leave}><input type="hidden" name="csrfmiddlewaretoken" value=${csrfToken()} /><button class="btn btn-primary">${gettext("Close my questionnaire here")}</button></form>
      <button class="btn" type="button" @click=${() => close(form)}>${gettext("Go on now")}</button>
    </div>
  </div>`;
}

async function stop(form) {
  await form.autosave();
  if (form.stage === "shut") return;
  await code(form, false);
}

async function code(form, mail) {
  const { ok, shut, failed } = await send(form.data.urls.code, new URLSearchParams({ mail: mail ? "yes" : "" }));
  form.later = ok ?? { words: form.data.saved ? (shut ?? failed) : gettext("Nothing is saved yet: answer a first question.") };
  form.draw();
  form.querySelector("[data-later]")?.focus();
}

function close(form) {
  form.later = null;
  form.draw();
}

async function leaveTablet(form, event) {
  event.preventDefault();
  await form.autosave();
  location.assign(form.data.urls.back);
}
