// The columns of the dataset: found by typing, used by button, key or drag.
import { html, nothing } from "lit-html";
import { icon } from "../../../core/web/static_src/web/icon.js";
import { KINDS } from "./words.js";

const fold = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

function found(columns, words) {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  return columns.filter((column) => wanted.every((word) => fold(`${column.title} ${column.name}`).includes(word)));
}

const acts = () => [
  { act: "group", key: "g", icon: "stack-2", word: gettext("Group by") },
  { act: "measure", key: "m", icon: "math-function", word: gettext("Measure") },
  { act: "filter", key: "f", icon: "filter", word: gettext("Filter") },
];

/** Arrows walk through the list; a letter acts on the column one is on. */
function onKey(event, column, use) {
  const rows = [...event.currentTarget.closest("ul").querySelectorAll("[data-column-name]")];
  const here = rows.indexOf(event.currentTarget);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to !== undefined) {
    rows[Math.max(0, Math.min(rows.length - 1, to))].focus();
    event.preventDefault();
    return;
  }
  const asked = acts().find((each) => each.key === event.key.toLowerCase());
  if (asked && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    use(asked.act, column);
  }
}

function row(column, use) {
  const kind = KINDS[column.kind];
  const start = (event) => {
    event.dataTransfer.setData("application/x-column", column.name);
    event.dataTransfer.effectAllowed = "copy";
  };
  return html`
    <li class="column" draggable="true" @dragstart=${start}>
      <button
        class="column-name"
        type="button"
        data-column-name=${column.name}
        aria-keyshortcuts="G M F"
        ?disabled=${!column.usable}
        @click=${() => use("group", column)}
        @keydown=${(event) => onKey(event, column, use)}
      >
        <span class="column-kind" title=${kind.word()}>${icon(kind.icon)}<span class="visually-hidden">${kind.word()}</span></span>
        <span class="column-words">
          <span class="column-title">${column.title}${column.unit ? html` <span class="column-unit">(${column.unit})</span>` : nothing}</span>
          ${column.title === column.name ? nothing : html`<span class="column-code mono">${column.name}</span>`}
        </span>
      </button>
      <span class="column-acts">
        ${acts().map(
          (each) => html`
            <button
              class="btn-icon"
              type="button"
              title=${`${each.word} (${each.key.toUpperCase()})`}
              aria-label=${`${each.word}: ${column.title}`}
              ?disabled=${!column.usable}
              @click=${() => use(each.act, column)}
            >
              ${icon(each.icon)}
            </button>
          `,
        )}
      </span>
    </li>
  `;
}

/** Which version is asked: the newest, whatever comes, or one for good. */
function versions(page) {
  const { version } = page.query.source;
  if (page.state.versions.length < 2) return nothing;
  const [newest] = page.state.versions;
  return html`
    <label class="columns-version">
      <span>${gettext("Version")}</span>
      <select class="form-select" @change=${(event) => page.hold(event.target.value ? Number(event.target.value) : null)}>
        <option value="" ?selected=${!version}>${interpolate(gettext("the newest (%s)"), [newest])}</option>
        ${page.state.versions.map((number) => html`<option value=${number} ?selected=${number === version}>${number}</option>`)}
      </select>
    </label>
  `;
}

/** The panel at the side. */
export function columnsPanel(page) {
  const { state } = page;
  const shown = found(state.columns, page.words);
  const count = interpolate(ngettext("%s column", "%s columns", shown.length), [shown.length]);
  return html`
    <details class="columns-panel" ?open=${page.wide} aria-label=${gettext("Columns of the dataset")}>
      <summary class="columns-head">
        ${icon("database")}
        <span><strong>${state.dataset.title}</strong><small>${interpolate(gettext("version %s"), [state.dataset.version])} · ${count}</small></span>
      </summary>
      <div class="columns-body">
        ${versions(page)}
        <label class="visually-hidden" for="column-search">${gettext("Find a column")}</label>
        <input
          class="form-control"
          id="column-search"
          type="search"
          autocomplete="off"
          placeholder=${gettext("Find a column")}
          .value=${page.words}
          @input=${(event) => page.search(event.target.value)}
        />
        <ul class="columns-list" aria-label=${gettext("Columns of the dataset")}>
          ${shown.map((column) => row(column, page.use))}
        </ul>
        ${shown.length ? nothing : html`<p class="text-soft">${gettext("No column has these words.")}</p>`}
        <p class="columns-help"><kbd>↑</kbd> <kbd>↓</kbd> ${gettext("choose")} · <kbd>G</kbd> ${gettext("group")} · <kbd>M</kbd> ${gettext("measure")} · <kbd>F</kbd> ${gettext("filter")}</p>
      </div>
    </details>
  `;
}
