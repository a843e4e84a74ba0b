// The three shelves of a question: which rows, grouped by what, measured how; then their order.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../core/web/static_src/web/icon.js";
import { filterGroup } from "./filters.js";
import { NUMERIC, TEMPORAL, needsColumn, niceWidth } from "./question.js";
import { typed } from "./typed.js";
import { MEASURES, PERIODS } from "./words.js";

const without = (list, number) => list.filter((_each, at) => at !== number);
const replaced = (list, number, item) => list.map((each, at) => (at === number ? item : each));
const moved = (list, number) => list.map((each, at) => (at === number - 1 ? list[number] : at === number ? list[number - 1] : each));

/** A shelf that columns can be dropped on. */
function shelf(page, act, title, iconName, content) {
  const over = (event) => {
    if (![...event.dataTransfer.types].includes("application/x-column")) return;
    event.preventDefault();
    event.currentTarget.classList.add("is-over");
  };
  const drop = (event) => {
    event.preventDefault();
    event.currentTarget.classList.remove("is-over");
    const column = page.column(event.dataTransfer.getData("application/x-column"));
    if (column) page.use(act, column);
  };
  return html`
    <section class="shelf" aria-label=${title} @dragover=${over} @dragleave=${(event) => event.currentTarget.classList.remove("is-over")} @drop=${drop}>
      <h2 class="shelf-title">${icon(iconName)}${title}</h2>
      <div class="shelf-content">${content}</div>
    </section>
  `;
}

function classesOf(key) {
  if (key.bin?.width !== undefined) return "width";
  if (key.bin?.breaks) return "breaks";
  if (key.top !== undefined) return "top";
  return key.truncate ?? "values";
}

function classChoices(column) {
  const choices = [["values", gettext("each value")]];
  if (NUMERIC.has(column.kind)) choices.push(["width", gettext("classes of")], ["breaks", gettext("classes cut at")]);
  if (column.kind === "text" || column.kind === "integer") choices.push(["top", gettext("the most frequent")]);
  if (TEMPORAL.has(column.kind)) for (const [period, word] of Object.entries(PERIODS)) if (period !== "hour" || column.kind === "datetime") choices.push([period, word()]);
  return choices;
}

function withClasses(page, key, column, classes) {
  const plain = { column: key.column };
  if (classes === "width") {
    const facts = page.facts(column);
    return { ...plain, bin: { width: facts ? niceWidth(facts.minimum, facts.maximum, column.kind === "integer") : 10 } };
  }
  if (classes === "breaks") return { ...plain, bin: { breaks: [page.facts(column)?.middle ?? 0] } };
  if (classes === "top") return { ...plain, top: 10 };
  return classes === "values" ? plain : { ...plain, truncate: classes };
}

function classInput(page, key, number, column) {
  const set = (change, id) => page.change({ by: replaced(page.query.by, number, { column: key.column, ...change }) }, id);
  if (key.bin?.width !== undefined) {
    const read = (text) => (Number(text) > 0 ? Number(text) : undefined);
    const write = ({ target }) => read(target.value) && set({ bin: { width: read(target.value) } }, `width-${number}`);
    return html`<input class="form-control chip-number" type="number" min="0" step="any" aria-label=${gettext("Width of the classes")} .value=${typed(key.bin.width, read)} @input=${write} />${column.unit ? html`<span class="text-soft">${column.unit}</span>` : nothing}`;
  }
  if (key.bin?.breaks) {
    const write = (event) => {
      const cuts = event.target.value.split(/[;\s]+/).filter(Boolean).map((cut) => Number(cut.replace(",", ".")));
      if (cuts.length && cuts.every(Number.isFinite)) set({ bin: { breaks: [...new Set(cuts)].sort((a, b) => a - b) } });
    };
    return html`<input class="form-control chip-value" inputmode="decimal" aria-label=${gettext("Bounds of the classes, separated by spaces")} .value=${live(key.bin.breaks.join(" "))} @change=${write} />`;
  }
  if (key.top !== undefined) {
    const write = (event) => Number(event.target.value) >= 1 && set({ top: Math.min(100, Math.round(Number(event.target.value))) }, `top-${number}`);
    return html`<input class="form-control chip-number" type="number" min="1" max="100" aria-label=${gettext("How many values")} .value=${live(String(key.top))} @input=${write} />`;
  }
  return nothing;
}

function keyChip(page, key, number) {
  const column = page.column(key.column);
  if (!column) return nothing;
  const { by } = page.query;
  const choose = (event) => page.change({ by: replaced(by, number, withClasses(page, key, column, event.target.value)) });
  const choices = classChoices(column);
  return html`
    <li class="chip ${page.faultsAt(`by.${number}`).length ? "is-wrong" : ""}">
      ${number ? html`<button class="btn-icon" type="button" aria-label=${interpolate(gettext("Put %s before the one in front of it"), [column.title])} @click=${() => page.change({ by: moved(by, number) })}>${icon("arrow-left")}</button>` : nothing}
      <span class="chip-name">${column.title}</span>
      ${choices.length > 1
        ? html`<select class="form-select chip-select" aria-label=${interpolate(gettext("Classes of %s"), [column.title])} @change=${choose}>${choices.map(([value, word]) => html`<option value=${value} ?selected=${value === classesOf(key)}>${word}</option>`)}</select>`
        : nothing}
      ${classInput(page, key, number, column)}
      <button class="btn-icon" type="button" aria-label=${interpolate(gettext("Stop grouping by %s"), [column.title])} @click=${() => page.change({ by: without(by, number) })}>${icon("x")}</button>
      ${page.faultNote(`by.${number}`)}
    </li>
  `;
}

function measureChip(page, measure, number) {
  const column = measure.column ? page.column(measure.column) : null;
  const { measures } = page.query;
  const set = (change, id) => page.change({ measures: replaced(measures, number, change) }, id);
  const choices = column ? [...column.measures] : ["rows", "share"];
  const choose = (event) => {
    const of = event.target.value;
    set({ of, ...(needsColumn(of) ? { column: measure.column } : {}), ...(of === "quantile" ? { at: 0.9 } : {}) });
  };
  const share = (text) => (text !== "" && text >= 0 && text <= 100 ? Number(text) / 100 : undefined);
  const at = ({ target }) => share(target.value) !== undefined && set({ ...measure, at: share(target.value) }, `at-${number}`);
  const name = column?.title ?? MEASURES[measure.of]();
  return html`
    <li class="chip ${page.faultsAt(`measures.${number}`).length ? "is-wrong" : ""}">
      <select class="form-select chip-select" aria-label=${interpolate(gettext("Measure of %s"), [name])} @change=${choose}>
        ${choices.map((of) => html`<option value=${of} ?selected=${of === measure.of}>${MEASURES[of]()}</option>`)}
      </select>
      ${measure.of === "quantile" ? html`<input class="form-control chip-number" type="number" min="0" max="100" step="any" aria-label=${gettext("Which quantile, in percent")} .value=${typed(measure.at, share, String(Number((measure.at * 100).toPrecision(6))))} @input=${at} /><span>%</span>` : nothing}
      ${column ? html`<span class="chip-name">${column.title}</span>` : nothing}
      ${measures.length > 1
        ? html`<button class="btn-icon" type="button" aria-label=${interpolate(gettext("Remove the measure of %s"), [name])} @click=${() => page.change({ measures: without(measures, number) })}>${icon("x")}</button>`
        : nothing}
      ${page.faultNote(`measures.${number}`)}
    </li>
  `;
}

function orderPart(page) {
  const { query, answer } = page;
  const outputs = (answer?.columns ?? []).filter((output) => [...query.by, ...query.measures].some((each) => each.name === output.name && each.of !== "spread"));
  const term = query.order[0];
  const choose = (event) => page.change({ order: event.target.value ? [{ by: event.target.value, descending: term?.descending ?? true }] : [] });
  const turn = () => page.change({ order: [{ ...term, descending: !term.descending }] });
  if (!query.by.length) return nothing;
  return html`
    <div class="order">
      <label class="order-label" for="order-by">${gettext("Sort by")}</label>
      <select class="form-select chip-select" id="order-by" @change=${choose}>
        <option value="" ?selected=${!term}>${gettext("the groups")}</option>
        ${outputs.map((output) => html`<option value=${output.name} ?selected=${output.name === term?.by}>${output.title}</option>`)}
      </select>
      ${term
        ? html`<button class="btn btn-sm" type="button" @click=${turn}>${term.descending ? html`${icon("sort-descending")}${gettext("Largest first")}` : html`${icon("sort-ascending")}${gettext("Smallest first")}`}</button>`
        : nothing}
      <label class="order-label" for="limit">${gettext("At most")}</label>
      <input class="form-control chip-number" id="limit" type="number" min="1" max="10000" .value=${live(String(query.limit))} @change=${(event) => Number(event.target.value) >= 1 && page.change({ limit: Math.min(10000, Math.round(Number(event.target.value))) })} />
      <span>${gettext("rows")}</span>
    </div>
  `;
}

export function shelves(page) {
  const { query, state } = page;
  const addCount = !query.measures.some((measure) => measure.of === "rows");
  const addShare = !query.measures.some((measure) => measure.of === "share");
  const push = (of) => page.change({ measures: [...query.measures, { of }] });
  return html`
    <div class="shelves">
      ${shelf(page, "filter", gettext("Keep the rows where"), "filter", filterGroup(page, query.where))}
      ${shelf(
        page,
        "group",
        gettext("Group by"),
        "stack-2",
        html`<ul class="chips">
          ${query.by.map((key, number) => keyChip(page, key, number))}
          ${query.by.length < 4 ? html`<li class="chip-add">${page.adder("group", gettext("Add a column"), state.columns, (column) => page.use("group", column))}</li>` : nothing}
        </ul>`,
      )}
      ${shelf(
        page,
        "measure",
        gettext("Measure"),
        "math-function",
        html`<ul class="chips">
          ${query.measures.map((measure, number) => measureChip(page, measure, number))}
          <li class="chip-add">
            ${addCount ? html`<button class="btn btn-sm btn-link" type="button" @click=${() => push("rows")}>${icon("plus")}${MEASURES.rows()}</button>` : nothing}
            ${addShare ? html`<button class="btn btn-sm btn-link" type="button" @click=${() => push("share")}>${icon("plus")}${MEASURES.share()}</button>` : nothing}
            ${page.adder("measure", gettext("Add a column"), state.columns, (column) => page.use("measure", column))}
          </li>
        </ul>
        ${orderPart(page)}`,
      )}
    </div>
  `;
}
