// The groups of a page: under titles, side by side, folded, in tabs, as a table, or once per row.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { field, idOf, notes } from "./fields.js";
import { matrix } from "./matrix.js";
import { scriptPage } from "./script/page.js";

/** The shown groups of a page; those in a row that have a tab become tabs. */
export function sections(form, page) {
  if (page.script !== undefined && form.data.scripts?.pages?.[page.key]) return scriptPage(form, page);
  const found = [];
  for (const shown of form.shownGroups(page)) {
    const last = found.at(-1);
    if (shown.group.tab && last?.tabs) last.tabs.push(shown);
    else found.push(shown.group.tab ? { tabs: [shown] } : shown);
  }
  return found.map((one, place) => (one.tabs ? tabs(form, `${page.key}-${place}`, one.tabs) : section(form, one)));
}

function section(form, shown) {
  const { group } = shown;
  const title = form.show.text(group.title);
  const inside = html`${group.help ? html`<p class="form-note">${form.show.text(group.help)}</p>` : nothing}${shown.rows ? rows(form, shown, title) : questions(form, shown, title)}`;
  if (!title) return html`<div class="group">${inside}</div>`;
  if (group.collapsed) return html`<details class="group"><summary><h3>${title}</h3></summary>${inside}</details>`;
  const head = (group.level ?? 1) > 1 ? html`<h4>${title}</h4>` : html`<h3>${title}</h3>`;
  return html`<div class="group" role="group" aria-label=${title}>${head}${inside}</div>`;
}

function questions(form, { group, specs }, title) {
  if (group.matrix && (specs[0].type === "choice" || specs[0].type === "choices")) return matrix(form, group, specs, title);
  const fields = specs.map((spec) => field(form, spec));
  return group.columns ? html`<div class="side-by-side columns-${group.columns}">${fields}</div>` : fields;
}

function rows(form, { group, rows: held }, title) {
  const { key, max = 1000 } = group.repeat;
  const editable = form.data.editable && !form.busy;
  return html`<div class="rows" id=${idOf(key)} tabindex="-1">
    ${held.map((specs, number) => {
      const name = `${key}[${number}]`;
      const called = form.state.titles[name] || interpolate(gettext("Row %s"), [number + 1]);
      return html`<div class="row-block" data-row=${name} role="group" aria-label=${called}>
        <div class="row-head">
          <span class="row-name">${number + 1}. ${form.state.titles[name] ?? ""}</span>
          ${editable
            ? html`<button class="btn-link" type="button" @click=${() => form.removeRow(key, number)}>${gettext("Remove")}<span class="visually-hidden"> ${called}</span></button>`
            : nothing}
        </div>
        ${questions(form, { group: { ...group, matrix: null }, specs }, title)}
      </div>`;
    })}
    ${notes(form, { key })}
    ${editable && held.length < max
      ? html`<button class="btn btn-sm" type="button" @click=${() => form.addRow(key)}>${icon("plus")}${gettext("Add a row")}</button>`
      : held.length
        ? nothing
        : html`<p class="text-soft">${gettext("None")}</p>`}
  </div>`;
}

/** Tabs as buttons and panels; all of them are shown on paper. */
function tabs(form, name, shown) {
  form.tabs ??= new Map();
  const chosen = Math.min(form.tabs.get(name) ?? 0, shown.length - 1);
  const choose = (place) => {
    form.tabs.set(name, place);
    form.draw();
    document.getElementById(`tab-${name}-${place}`)?.focus();
  };
  const onKey = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) choose((chosen + step + shown.length) % shown.length);
  };
  return html`<div class="group form-tabs">
    <div role="tablist" @keydown=${onKey}>
      ${shown.map(
        ({ group }, place) =>
          html`<button
            type="button"
            role="tab"
            id="tab-${name}-${place}"
            aria-selected=${place === chosen ? "true" : "false"}
            aria-controls="panel-${name}-${place}"
            tabindex=${place === chosen ? "0" : "-1"}
            @click=${() => choose(place)}
          >${form.show.text(group.tab)}</button>`,
      )}
    </div>
    ${shown.map(
      (one, place) =>
        html`<div role="tabpanel" id="panel-${name}-${place}" aria-labelledby="tab-${name}-${place}" ?hidden=${place !== chosen && !form.printing}>${section(form, one)}</div>`,
    )}
  </div>`;
}
