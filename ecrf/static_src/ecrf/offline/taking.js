// Choosing whose records to take along, while the server can be reached.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";

export function taking(page) {
  if (page.isAway || !page.situation || page.desk.device.revoked) return nothing;
  const { subjects, rule } = page.situation;
  const left = subjects.filter((subject) => !page.desk.subjects.has(subject.id));
  const room = Math.max(0, rule.most - page.desk.subjects.size);
  const sites = [...new Set(left.map((subject) => subject.site))];
  const take = (event) => {
    event.preventDefault();
    const chosen = [...event.target.querySelectorAll("input:checked")].map((box) => box.value);
    if (chosen.length) page.takeNow(chosen);
  };
  const all = (event, site) => {
    let free = room;
    for (const box of event.target.form.querySelectorAll(`[data-site="${CSS.escape(site)}"]`)) {
      box.checked = event.target.checked && free > 0;
      free -= 1;
    }
  };
  return html`<section class="card" aria-labelledby="offline-take"><div class="card-body">
    <h2 id="offline-take">${gettext("Take along")}</h2>
    <p class="text-soft">${interpolate(gettext("Records stay here for %(days)s days, of %(most)s subjects at most."), rule, true)}</p>
    ${left.length
      ? html`<form @submit=${take}>
          ${sites.map(
            (site) => html`<fieldset class="offline-choice"><legend>${site}</legend>
              <label class="form-check"><input class="form-check-input" type="checkbox" @change=${(event) => all(event, site)} />${gettext("All of them, as far as there is room")}</label>
              <div class="offline-boxes">${left.filter((subject) => subject.site === site).map((subject) => html`<label class="form-check"><input class="form-check-input" type="checkbox" value=${subject.id} data-site=${site} />${subject.number}</label>`)}</div></fieldset>`,
          )}
          <button class="btn btn-primary" ?disabled=${Boolean(page.busy) || !room}>${icon("download")}${gettext("Take offline")}</button>
        </form>`
      : html`<p>${gettext("All subjects whom you may take are here.")}</p>`}
  </div></section>`;
}
