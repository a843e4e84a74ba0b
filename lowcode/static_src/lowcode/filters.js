// The filter: conditions in groups, each a line that reads like a sentence.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../core/web/static_src/web/icon.js";
import { NUMERIC, takesMany, takesNone, valuesOf, withOperator } from "./question.js";
import { typed } from "./typed.js";
import { OPERATORS } from "./words.js";

const INPUT = { integer: "number", number: "number", date: "date", datetime: "datetime-local", text: "text" };

/** What was typed, as the column holds it; undefined while it is nothing. */
function parsed(text, column) {
  if (NUMERIC.has(column.kind)) {
    const number = Number(text.replace(",", "."));
    return text.trim() === "" || !Number.isFinite(number) ? undefined : number;
  }
  return column.kind !== "text" && text === "" ? undefined : text;
}

function valueInput(page, path, condition, column, index, label) {
  const id = `filter-${path.join("-")}-${index}`;
  const values = valuesOf(condition);
  const set = (event) => {
    const next = [...values];
    next[index] = parsed(event.target.value, column);
    const kept = condition.is === "between" ? next : next.slice(0, 1);
    page.filter(path, (old) => (condition.is === "between" ? { ...old, values: kept } : { ...old, value: kept[0] }), `typing-${id}`);
  };
  const known = column.kind === "text" && !condition.is.includes("contains") ? page.facts(column)?.values ?? [] : [];
  return html`
    <input
      class="form-control chip-value"
      id=${id}
      type=${INPUT[column.kind]}
      step=${column.kind === "integer" ? "1" : "any"}
      aria-label=${label}
      list=${known.length ? `${id}-known` : nothing}
      .value=${typed(values[index], (text) => parsed(text, column))}
      @input=${set}
    />
    ${known.length ? html`<datalist id=${`${id}-known`}>${known.map((each) => html`<option value=${each.value}>${each.text}</option>`)}</datalist>` : nothing}
  `;
}

/** The values of a column as boxes to tick, the most frequent first. */
function valueBoxes(page, path, condition, column) {
  const chosen = valuesOf(condition);
  const facts = page.facts(column);
  const known = facts?.values ?? [];
  const extra = chosen.filter((value) => !known.some((each) => each.value === value)).map((value) => ({ value, text: column.codes[value] ?? String(value), count: "" }));
  const toggle = (value) => {
    const next = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
    page.filter(path, (old) => ({ ...old, values: next }));
  };
  const summary = chosen.length
    ? chosen.slice(0, 3).map((value) => column.codes[value] ?? (value === "" ? gettext("(empty)") : String(value))).join(", ") + (chosen.length > 3 ? ` +${chosen.length - 3}` : "")
    : gettext("Choose values");
  return html`
    <details class="chip-values" @toggle=${(event) => event.target.open && page.learn(column)}>
      <summary class="form-select">${summary}</summary>
      <fieldset class="chip-boxes">
        <legend class="visually-hidden">${interpolate(gettext("Values of %s"), [column.title])}</legend>
        ${facts ? nothing : html`<p class="text-soft">${gettext("Reading the values…")}</p>`}
        ${[...extra, ...known].map(
          (each) => html`
            <label class="form-check">
              <input class="form-check-input" type="checkbox" .checked=${live(chosen.includes(each.value))} @change=${() => toggle(each.value)} />
              <span class="form-check-label">${each.text}</span><small class="chip-count">${each.count}</small>
            </label>
          `,
        )}
      </fieldset>
    </details>
  `;
}

function valuePart(page, path, condition, column) {
  const label = interpolate(gettext("Value for %s"), [column.title]);
  if (takesNone(condition.is)) return nothing;
  if (takesMany(condition.is)) return valueBoxes(page, path, condition, column);
  if (column.kind === "boolean") {
    const set = (event) => page.filter(path, (old) => ({ ...old, value: event.target.value === "true" }));
    return html`<select class="form-select chip-select" aria-label=${label} @change=${set}>
      <option value="true" ?selected=${condition.value !== false}>${gettext("yes")}</option>
      <option value="false" ?selected=${condition.value === false}>${gettext("no")}</option>
    </select>`;
  }
  if (condition.is === "between")
    return html`${valueInput(page, path, condition, column, 0, gettext("Lower bound"))}<span>${gettext("and")}</span>${valueInput(page, path, condition, column, 1, gettext("Upper bound"))}`;
  return valueInput(page, path, condition, column, 0, label);
}

function condition(page, path, item) {
  const column = page.column(item.column);
  if (!column) return nothing;
  const place = `where.${path.map((number) => `items.${number}`).join(".")}`;
  const choose = (event) => {
    if (takesMany(event.target.value)) page.learn(column);
    page.filter(path, (old) => withOperator(old, event.target.value));
  };
  return html`
    <li class="chip ${page.faultsAt(place).length ? "is-wrong" : ""}">
      <span class="chip-name">${column.title}</span>
      <select class="form-select chip-select" aria-label=${interpolate(gettext("Comparison for %s"), [column.title])} @change=${choose}>
        ${column.operators.map((is) => html`<option value=${is} ?selected=${is === item.is}>${OPERATORS[is]()}</option>`)}
      </select>
      ${valuePart(page, path, item, column)}
      ${column.unit && !takesNone(item.is) ? html`<span class="text-soft">${column.unit}</span>` : nothing}
      <button class="btn-icon" type="button" aria-label=${interpolate(gettext("Remove the condition on %s"), [column.title])} @click=${() => page.filter(path, () => undefined)}>${icon("x")}</button>
      ${page.faultNote(place)}
    </li>
  `;
}

/** A group of conditions, with the groups inside it. */
export function filterGroup(page, group, path = []) {
  const match = (event) => page.filter(path, (old) => ({ ...old, match: event.target.value }));
  const choices = [
    ["all", gettext("all of these hold")],
    ["any", gettext("any of these holds")],
    ["none", gettext("none of these holds")],
  ];
  const many = group.items.length > 1 || path.length || group.match !== "all";
  return html`
    ${many
      ? html`<label class="match"><span class="visually-hidden">${gettext("Rows are kept where")}</span>
          <select class="form-select chip-select" @change=${match}>${choices.map(([value, word]) => html`<option value=${value} ?selected=${value === group.match}>${word}</option>`)}</select></label>`
      : nothing}
    <ul class="chips">
      ${group.items.map((item, number) =>
        item.match
          ? html`<li class="chip-group">${filterGroup(page, item, [...path, number])}<button class="btn-icon" type="button" aria-label=${gettext("Remove this group of conditions")} @click=${() => page.filter([...path, number], () => undefined)}>${icon("x")}</button></li>`
          : condition(page, [...path, number], item),
      )}
      <li class="chip-add">${page.adder(path.length ? `filter-${path.join("-")}` : "filter", gettext("Add a condition"), page.state.columns, (column) => page.addCondition(column, path))}
      ${group.items.length && path.length < 2
        ? html`<button class="btn btn-sm btn-link" type="button" @click=${() => page.filter(path, (old) => ({ ...old, items: [...old.items, { match: "any", items: [] }] }))}>${icon("brackets-contain")}${gettext("Group of conditions")}</button>`
        : nothing}</li>
    </ul>
  `;
}
