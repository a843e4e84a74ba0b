// Saving what isn't sent into a sealed file, opening such a file elsewhere, and emptying the device.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { toast } from "../../../../core/web/static_src/web/toast.js";
import * as server from "./server.js";
import * as vault from "./vault.js";

export function rescuing(page) {
  const { unsent } = page.desk;
  const persistent = page.isPersistent
    ? gettext("The browser has promised to keep what is here until you remove it.")
    : gettext("The browser may throw away what is here when room runs out: send your work often.");
  return html`<details class="card offline-more"><summary>${gettext("Rescue, remove, storage")}</summary><div class="card-body">
    <p data-persistent>${page.isPersistent ? icon("shield-check") : icon("alert-triangle")} ${persistent}</p>
    <form @submit=${(event) => save(page, event)}>
      <h3>${gettext("Save a rescue file")}</h3>
      <p>${gettext("Where your work can’t be sent from here, save it into a file, sealed under your offline code. A manager of the study, or you in another browser, can open it there.")}</p>
      <div class="field"><label class="form-label" for="rescue-code">${gettext("Offline code")}</label><input class="form-control" id="rescue-code" name="code" type="password" required autocomplete="current-password" /></div>
      <button class="btn" ?disabled=${!unsent.length || Boolean(page.busy)}>${icon("download")}${gettext("Save the rescue file")}</button>
    </form>
    <form @submit=${(event) => open(page, event)}>
      <h3>${gettext("Open a rescue file")}</h3>
      <div class="field"><label class="form-label" for="rescue-file">${gettext("File")}</label><input class="form-control" id="rescue-file" name="file" type="file" accept=".ecrf-rescue,application/json" required /></div>
      <div class="field"><label class="form-label" for="rescue-open">${gettext("The offline code it was saved with")}</label><input class="form-control" id="rescue-open" name="code" type="password" required autocomplete="off" /></div>
      <button class="btn" ?disabled=${page.isAway || Boolean(page.busy)}>${icon("upload")}${gettext("Send what it holds")}</button>
    </form>
    <h3>${gettext("Remove everything")}</h3>
    ${unsent.length ? html`<p class="field-warning">${icon("alert-triangle")}${gettext("Some work isn’t sent: send it or save a rescue file first.")}</p>` : nothing}
    <button class="btn btn-danger" type="button" ?disabled=${Boolean(unsent.length) || Boolean(page.busy)} @click=${() => page.removeAll()}>${icon("trash")}${gettext("Remove everything from this device")}</button>
  </div></details>`;
}

function save(page, event) {
  event.preventDefault();
  const { code } = event.target.elements;
  const given = code.value;
  code.value = "";
  return page.during(gettext("Sealing the file…"), async () => {
    if (!(await vault.open(await page.store.lockRow(), given))) {
      page.fault = gettext("This isn’t the code of this device.");
      return;
    }
    const { device, unsent } = page.desk;
    const text = await vault.rescue({ device: device.id, label: device.label, fragments: unsent }, given);
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: `${page.given.project}.ecrf-rescue` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    page.desk.device = { ...device, exported: (device.exported ?? 0) + unsent.length };
    await page.desk.keep("device", page.desk.device);
    toast(gettext("The file holds all that isn’t sent. Your work stays here too: sent twice, it is taken once."), "success");
  });
}

function open(page, event) {
  event.preventDefault();
  const { file, code } = event.target.elements;
  const given = code.value;
  code.value = "";
  return page.during(gettext("Sending what the file holds…"), async () => {
    let held;
    try {
      held = await vault.rescued(await file.files[0].text(), given);
    } catch (fault) {
      if (!(fault instanceof SyntaxError)) throw fault;
      page.fault = gettext("This isn’t a rescue file.");
      return;
    }
    if (!held) {
      page.fault = gettext("The file can’t be opened with this code.");
      return;
    }
    await server.isSignedIn(true);
    const answers = await server.sendRescued(page.given.urls, held);
    const wrong = answers.filter((answer) => !["applied", "merged", "settled"].includes(answer.state)).length;
    const words = interpolate(ngettext("One piece of work was sent.", "%s pieces of work were sent.", answers.length), [answers.length]);
    toast(wrong ? `${words} ${interpolate(ngettext("One of them is set aside.", "%s of them are set aside.", wrong), [wrong])}` : words, wrong ? "warning" : "success");
  });
}
