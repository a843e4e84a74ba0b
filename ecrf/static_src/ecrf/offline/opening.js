// Before the page is open: making the device ready, and giving the code.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { weakness } from "./vault.js";

const said = (input, words) => {
  input.setCustomValidity(words);
  const place = input.closest(".field")?.querySelector("[data-said]");
  if (place) place.textContent = words;
};

/** Nothing is here yet: what this is, and the code that seals what will be. */
export function welcome(page) {
  const ready = (event) => {
    event.preventDefault();
    const { label, code, again } = event.target.elements;
    said(code, weakness(code.value));
    said(again, again.value === code.value ? "" : gettext("The two aren’t the same."));
    const wrong = [code, again].find((input) => !input.validity.valid);
    if (wrong) wrong.focus();
    else page.prepare(label.value, code.value);
  };
  const clear = (event) => said(event.target, "");
  return html`
    <div class="page-head"><div class="page-title"><h1 tabindex="-1">${page.given.title}</h1></div></div>
    ${page.lost !== undefined
      ? html`<div class="notice notice-failed" role="alert" data-lost>${icon("alert-circle")}<div>
          <p class="notice-title">${gettext("This browser no longer holds what was taken here")}</p>
          <p>${gettext("Its storage was emptied, by somebody or by the browser itself for want of room.")}
          ${page.lost ? interpolate(ngettext("One piece of work had not been sent: if you saved a rescue file, open it here.", "%s pieces of work had not been sent: if you saved a rescue file, open it here.", page.lost), [page.lost]) : gettext("Everything had been sent.")}</p></div></div>`
      : nothing}
    <section class="card"><div class="card-body offline-narrow">
      <h2>${gettext("Work without a network")}</h2>
      <p>${gettext("Take subjects’ records along on this device, fill them in where there is no network, and include new subjects. What you enter is sent when the network is back.")}</p>
      <p>${gettext("All of it is sealed on the device under an offline code that you choose. Nobody can open it without the code, and nobody can give you a new one: what isn’t sent would be lost.")}</p>
      ${page.isAway ? html`<div class="notice notice-warning">${icon("wifi-off")}<p>${gettext("The server can’t be reached: make the device ready when it can.")}</p></div>` : nothing}
      <form novalidate @submit=${ready}>
        <div class="field"><label class="form-label" for="offline-label">${gettext("Name of this device")}</label><input class="form-control" id="offline-label" name="label" required maxlength="100" autocomplete="off" .value=${guess()} /></div>
        <div class="field"><label class="form-label" for="offline-code">${gettext("Offline code")}</label><input class="form-control" id="offline-code" name="code" type="password" required autocomplete="new-password" aria-describedby="offline-code-help offline-code-said" @input=${clear} /><p class="field-help" id="offline-code-help">${gettext("12 characters or more, for instance four words.")}</p><p class="field-warning" id="offline-code-said" data-said role="alert"></p></div>
        <div class="field"><label class="form-label" for="offline-again">${gettext("The code once more")}</label><input class="form-control" id="offline-again" name="again" type="password" required autocomplete="new-password" aria-describedby="offline-again-said" @input=${clear} /><p class="field-warning" id="offline-again-said" data-said role="alert"></p></div>
        <button class="btn btn-primary" ?disabled=${Boolean(page.busy) || page.isAway}>${gettext("Make this device ready")}</button>
      </form>
    </div></section>`;
}

function guess() {
  const system = navigator.userAgentData?.platform || (/Android|iPhone|iPad|Windows|Mac|Linux/.exec(navigator.userAgent)?.[0] ?? "");
  return interpolate(gettext("My device (%s)"), [system]);
}

/** Something is here, sealed. */
export function locked(page) {
  const open = async (event) => {
    event.preventDefault();
    const { code } = event.target.elements;
    await page.unlock(code.value);
    code.value = "";
    page.querySelector("[name=code]")?.focus();
  };
  const waiting = page.waiting
    ? html`<p class="state state-warning" data-unsent>${icon("upload")}<span>${interpolate(ngettext("One piece of work isn’t sent yet", "%s pieces of work aren’t sent yet", page.waiting), [page.waiting])}</span></p>`
    : nothing;
  return html`
    <div class="page-head"><div class="page-title"><h1 tabindex="-1">${page.given.title}</h1></div></div>
    <section class="card"><div class="card-body offline-narrow">
      <h2>${icon("lock")} ${gettext("Sealed on this device")}</h2>
      ${waiting}
      <form @submit=${open}>
        <div class="field"><label class="form-label" for="offline-open">${gettext("Offline code")}</label><input class="form-control" id="offline-open" name="code" type="password" required autocomplete="current-password" /></div>
        <button class="btn btn-primary" ?disabled=${Boolean(page.busy)}>${gettext("Open")}</button>
      </form>
    </div></section>`;
}
