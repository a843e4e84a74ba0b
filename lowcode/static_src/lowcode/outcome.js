// What came out: the chart, the table behind it, the code, and the whole in words.
import { html, nothing } from "lit-html";
import { icon } from "../../../core/web/static_src/web/icon.js";
import { CHARTS } from "./words.js";

const TABS = () => [
  { tab: "chart", icon: "chart-bar", word: gettext("Chart") },
  { tab: "table", icon: "table", word: gettext("Table") },
  { tab: "code", icon: "code", word: gettext("Code") },
];
const LANGUAGES = { python: "Python", sql: "SQL (DuckDB)", postgresql: "SQL (PostgreSQL)" };

/** Tabs by the keys of the pattern: arrows move, and the panel follows. */
function tabs(page, shown) {
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const here = shown.findIndex((each) => each.tab === page.tab);
    const next = shown[(here + step + shown.length) % shown.length];
    page.show(next.tab);
    page.querySelector(`#tab-${next.tab}`).focus();
  };
  return html`
    <div class="outcome-tabs" role="tablist" aria-label=${gettext("Result")} @keydown=${move}>
      ${shown.map(
        (each) => html`
          <button class="tab" type="button" role="tab" id=${`tab-${each.tab}`} aria-controls="outcome-panel" aria-selected=${String(each.tab === page.tab)} tabindex=${each.tab === page.tab ? "0" : "-1"} @click=${() => page.show(each.tab)}>
            ${icon(each.icon)}${each.word}
          </button>
        `,
      )}
    </div>
  `;
}

function chartChoices(page) {
  const { answer } = page;
  const choices = answer.chart.choices;
  const numbers = page.query.measures;
  return html`
    <div class="chart-bar">
      ${choices.length > 1
        ? html`<div class="segments" role="group" aria-label=${gettext("Kind of chart")}>
            ${choices.map(
              (kind) => html`
                <button class="segment" type="button" aria-pressed=${String(kind === answer.chart.kind)} title=${CHARTS[kind].word()} @click=${() => page.drawAs({ kind })}>
                  ${icon(CHARTS[kind].icon)}<span>${CHARTS[kind].word()}</span>
                </button>
              `,
            )}
          </div>`
        : nothing}
      ${numbers.length > 1 && answer.chart.kind !== "figure" && answer.chart.kind !== "none"
        ? html`<label class="chart-measure"><span>${gettext("Draw")}</span>
            <select class="form-select chip-select" @change=${(event) => page.drawAs({ measure: event.target.value })}>
              ${numbers.map((measure) => html`<option value=${measure.name} ?selected=${measure.name === answer.chart.measure}>${page.titleOf(measure)}</option>`)}
            </select></label>`
        : nothing}
    </div>
  `;
}

function figures(page) {
  const { answer } = page;
  return html`<dl class="figures">${answer.columns.map((column, place) => html`<div><dt>${column.title}</dt><dd>${answer.texts[0]?.[place]}</dd></div>`)}</dl>`;
}

function chartPanel(page) {
  const { answer } = page;
  if (!answer.rows.length) return html`<p class="outcome-nothing">${icon("mood-empty")}${gettext("No row meets these conditions.")}</p>`;
  if (answer.chart.kind === "figure") return figures(page);
  if (!answer.chart.specification)
    return html`${chartChoices(page)}<p class="outcome-nothing">${icon("table")}${gettext("This result is read as a table: with one or two groups and a measure of numbers it can be drawn.")}</p>${table(page)}`;
  return html`
    ${chartChoices(page)}
    <figure class="chart-figure">
      <figcaption class="chart-title">${answer.chart.specification.description}</figcaption>
      <div class="chart-drawing" data-drawing></div>
      ${answer.chart.notes.map((note) => html`<p class="chart-note">${note}</p>`)}
    </figure>
  `;
}

function cellOf(column, text, value) {
  if (value?.special === "masked") return html`<td class="is-number is-masked">${icon("eye-off")}<span class="visually-hidden">${text}</span></td>`;
  const numeric = column.role === "measure" || ["integer", "number"].includes(column.kind);
  return html`<td class=${numeric && column.role === "measure" ? "is-number" : value === null ? "is-missing" : ""}>${text}</td>`;
}

function table(page) {
  const { answer } = page;
  const shown = answer.rows.slice(0, page.shownRows);
  const left = answer.rows.length - shown.length;
  return html`
    <div class="result-scroll" tabindex="0" role="region" aria-label=${gettext("Table of the result")}>
      <table class="result-table">
        <caption class="visually-hidden">${page.name}</caption>
        <thead>
          <tr>${answer.columns.map((column) => html`<th scope="col" class=${column.role === "measure" ? "is-number" : ""}>${column.title}</th>`)}</tr>
        </thead>
        <tbody>
          ${shown.map((row, number) => html`<tr>${row.map((value, place) => cellOf(answer.columns[place], answer.texts[number][place], value))}</tr>`)}
        </tbody>
      </table>
    </div>
    ${left > 0
      ? html`<button class="btn" type="button" @click=${() => page.showMore()}>${interpolate(gettext("Show %s more rows"), [Math.min(left, 200)])}</button>`
      : nothing}
  `;
}

function codePanel(page) {
  const { code } = page.answer;
  if (!code) return html`<p class="outcome-nothing">${icon("lock")}${gettext("The code is shown to people who may read the data.")}</p>`;
  return html`
    <div class="code-bar">
      <div class="segments" role="group" aria-label=${gettext("Language of the code")}>
        ${Object.entries(LANGUAGES).map(
          ([language, word]) => html`<button class="segment" type="button" aria-pressed=${String(language === page.language)} @click=${() => page.speak(language)}><span>${word}</span></button>`,
        )}
      </div>
      <button class="btn btn-sm" type="button" @click=${() => page.copy(code[page.language])}>${icon("copy")}${gettext("Copy the code")}</button>
    </div>
    <pre class="code-text" tabindex="0" aria-label=${LANGUAGES[page.language]}><code>${code[page.language]}</code></pre>
  `;
}

function notes(page) {
  const { answer } = page;
  const rows = interpolate(ngettext("%s row", "%s rows", answer.rows.length), [answer.rows.length.toLocaleString(document.documentElement.lang)]);
  const seconds = interpolate(gettext("%s s"), [answer.seconds.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2, minimumFractionDigits: 2 })]);
  return html`
    <p class="outcome-notes">
      <span>${rows}</span>
      <span>${interpolate(gettext("version %s of the dataset"), [answer.source.version])}</span>
      <span>${answer.cached ? interpolate(gettext("known already, computed in %s"), [seconds]) : interpolate(gettext("computed in %s"), [seconds])}</span>
    </p>
    ${answer.truncated ? html`<p class="notice notice-warning">${icon("alert-triangle")}<span>${gettext("There are more rows than the limit: those shown are the first ones.")}</span></p>` : nothing}
    ${answer.masked
      ? html`<p class="notice notice-locked">${icon("eye-off")}<span>${interpolate(
          ngettext(
            "%(count)s value is hidden because fewer than %(least)s people stand behind it, or because it would give such a value away.",
            "%(count)s values are hidden because fewer than %(least)s people stand behind them, or because they would give such a value away.",
            answer.masked,
          ),
          { count: answer.masked, least: answer.masked_below },
          true,
        )}</span></p>`
      : nothing}
  `;
}

function downloads(page) {
  const file = (kind, word, iconName) => html`<li><button type="button" @click=${() => page.download(kind)}>${icon(iconName)}${word}</button></li>`;
  const drawn = page.answer.chart.specification;
  return html`
    <details class="menu menu-end">
      <summary class="btn btn-sm">${icon("download")}${gettext("Export")}</summary>
      <div class="menu-box">
        <ul>
          ${file("csv", gettext("The table (CSV)"), "table")}
          ${drawn ? html`${file("png", gettext("The chart as a picture (PNG)"), "photo")}${file("svg", gettext("The chart as a drawing (SVG)"), "vector")}` : nothing}
        </ul>
        <p class="menu-none">${gettext("Every export is written in the audit trail.")}</p>
      </div>
    </details>
  `;
}

function explanation(page) {
  const steps = page.answer.explanation;
  if (!steps?.length) return nothing;
  return html`
    <section class="explanation" aria-labelledby="explanation-title">
      <h2 id="explanation-title">${icon("list-numbers")}${gettext("What this analysis does")}</h2>
      <ol>${steps.map((step) => html`<li>${step}</li>`)}</ol>
    </section>
  `;
}

export function outcome(page) {
  const { answer, problem } = page;
  if (problem && !answer) return html`<section class="outcome">${page.problemNote()}</section>`;
  if (!answer) return html`<section class="outcome" aria-busy="true"><div class="skeleton"><span></span><span></span><span></span><span></span></div></section>`;
  const shown = TABS();
  const panel = { chart: chartPanel, table, code: codePanel }[page.tab];
  return html`
    <section class="outcome ${page.running || problem ? "is-old" : ""}" aria-label=${gettext("Result")} aria-busy=${String(page.running)}>
      ${page.problemNote()}
      <div class="outcome-head">${tabs(page, shown)}${downloads(page)}</div>
      <div class="outcome-panel" id="outcome-panel" role="tabpanel" aria-labelledby=${`tab-${page.tab}`}>${panel(page)}</div>
      ${notes(page)} ${explanation(page)}
    </section>
  `;
}
