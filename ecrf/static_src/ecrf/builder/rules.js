// Rules without typing: rows of field, operator and value, in groups; words where rows can't say it.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { operators, toNode, toRows } from "./conditions.js";
import { idFor } from "./controls.js";
import { items } from "./data.js";
import { formula } from "./formulas.js";

/** What may be compared: every field but outputs and the one whose rule it is. */
function fields(app, but) {
  return [...items(app.data)].filter(({ item }) => item.type !== "output" && item.key !== but).map(({ item }) => item);
}

const kindIn = (app) => {
  const types = new Map([...items(app.data)].map(({ item }) => [item.key, item.type]));
  return (key) => types.get(key) ?? "text";
};

/** A condition that is edited: its rows live here until they make an expression. */
export function condition(app, name, label, node, change, { but = "", hint = "" } = {}) {
  const typeOf = kindIn(app);
  const kept = app.rules.get(name);
  const rows = kept && (kept.node === node || (!node && !kept.rows.rows.some(isWhole))) ? kept.rows : toRows(node, typeOf);
  const asText = app.texts.has(name) || rows === null;
  const put = (next) => {
    const made = toNode(next, typeOf);
    app.rules.set(name, { rows: next, node: made });
    if (JSON.stringify(made) === JSON.stringify(node)) app.draw();
    else change(made);
  };
  const turn = () => {
    if (app.texts.has(name)) app.texts.delete(name);
    else app.texts.set(name, null);
    app.draw();
  };
  const title = html`<div class="rule-head"><span class="form-label" id=${idFor(`${name} head`)}>${label}</span>
    ${rows === null ? html`<span class="text-soft">${gettext("rows can’t say it")}</span>` : html`<button class="btn-link" type="button" @click=${turn}>${asText ? gettext("As rows") : gettext("As text")}</button>`}</div>`;
  if (asText) return html`<div class="prop rule">${title}${formula(app, name, label, node, "boolean", change, { hidden: true, hint })}</div>`;
  return html`<div class="prop rule" role="group" aria-labelledby=${idFor(`${name} head`)}>
    ${title}
    ${rows.rows.length ? body(app, name, rows, put, fields(app, but), typeOf, true) : nothing}
    <div class="rule-acts">
      <button class="btn btn-sm" type="button" @click=${() => put({ ...rows, rows: [...rows.rows, { field: "", op: "", value: "" }] })}>${icon("plus")}${rows.rows.length ? gettext("Add a row") : gettext("Add a condition")}</button>
      ${rows.rows.length > 1 ? html`<button class="btn btn-sm" type="button" @click=${() => put({ ...rows, rows: [...rows.rows, { join: rows.join === "and" ? "or" : "and", rows: [{ field: "", op: "", value: "" }] }] })}>${gettext("Add a group")}</button>` : nothing}
    </div>
    ${hint && !rows.rows.length ? html`<div class="field-help">${hint}</div>` : nothing}
  </div>`;
}

const isWhole = (row) => (row.rows ? row.rows.some(isWhole) : row.field && row.op && row.value !== "");

function body(app, name, group, put, offered, typeOf, outer) {
  const at = (place, row) => put({ ...group, rows: row ? group.rows.map((one, i) => (i === place ? row : one)) : group.rows.filter((_, i) => i !== place) });
  return html`<div class="rule-rows${outer ? "" : " is-inner"}">
    ${group.rows.length > 1
      ? html`<label class="rule-join"><span class="visually-hidden">${gettext("How the rows go together")}</span
          ><select class="form-select" .value=${live(group.join)} @change=${(event) => put({ ...group, join: event.target.value })}>
            <option value="and" ?selected=${group.join === "and"}>${gettext("all of these hold")}</option>
            <option value="or" ?selected=${group.join === "or"}>${gettext("one of these holds")}</option>
          </select></label>`
      : nothing}
    ${group.rows.map((row, place) => (row.rows ? innerGroup(app, name, row, (next) => at(place, next), offered, typeOf, place) : line(app, `${name} ${outer ? "" : "in"}${place}`, row, (next) => at(place, next), offered, typeOf)))}
  </div>`;
}

function innerGroup(app, name, group, put, offered, typeOf, place) {
  const more = () => put({ ...group, rows: [...group.rows, { field: "", op: "", value: "" }] });
  return html`<div class="rule-group">${body(app, `${name} ${place}`, group, (next) => put(next.rows.length ? next : null), offered, typeOf, false)}<button class="btn btn-sm" type="button" @click=${more}>${icon("plus")}${gettext("Add a row")}</button></div>`;
}

function line(app, name, row, put, offered, typeOf) {
  const type = typeOf(row.field);
  const spec = offered.find((item) => item.key === row.field);
  const ops = row.field ? operators(type) : [];
  const asked = ops.find(([op]) => op === row.op)?.[2];
  const setField = (key) => {
    const first = operators(typeOf(key))[0][0];
    put({ field: key, op: first, value: "" });
  };
  return html`<div class="rule-line">
    <select class="form-select" id=${idFor(`${name} field`)} aria-label=${gettext("Field")} .value=${live(row.field)} @change=${(event) => setField(event.target.value)}>
      <option value="" ?selected=${!row.field}>${gettext("Choose a field")}</option>
      ${offered.map((item) => html`<option value=${item.key} ?selected=${item.key === row.field}>${app.text(item.label) || item.key}</option>`)}
    </select>
    ${row.field
      ? html`<select class="form-select" aria-label=${gettext("Comparison")} .value=${live(row.op)} @change=${(event) => put({ ...row, op: event.target.value })}>
          ${ops.map(([op, word]) => html`<option value=${op} ?selected=${op === row.op}>${word}</option>`)}
        </select>`
      : nothing}
    ${asked ? value(app, row, spec, type, put) : nothing}
    <button class="btn-icon" type="button" aria-label=${gettext("Remove this row")} @click=${() => put(null)}>${icon("x")}</button>
  </div>`;
}

function value(app, row, spec, type, put) {
  const change = (event) => put({ ...row, value: event.target.value });
  const choices = spec?.choices ?? app.data.lists?.[spec?.list];
  if (choices && row.op !== "contains") {
    return html`<select class="form-select" aria-label=${gettext("Value")} .value=${live(row.value)} @change=${change}>
      <option value="" ?selected=${!row.value}>${gettext("Choose a value")}</option>
      ${choices.map((choice) => html`<option value=${choice.code} ?selected=${choice.code === row.value}>${app.text(choice.label) || choice.code}</option>`)}
    </select>`;
  }
  const kind = { date: "date", datetime: "datetime-local", time: "time" }[type] ?? "text";
  const mode = type === "integer" ? "numeric" : type === "decimal" ? "decimal" : nothing;
  return html`<input class="form-control" type=${kind} inputmode=${mode} autocomplete="off" aria-label=${gettext("Value")} .value=${live(row.value)} @change=${change} />`;
}
