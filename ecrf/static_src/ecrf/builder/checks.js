// The checks of a question: what must hold, what is said where it doesn't, and how grave that is.
import { html } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { choice, texts } from "./controls.js";
import { free, set } from "./data.js";
import { condition } from "./rules.js";

export function checks(app, path, item) {
  const list = item.checks ?? [];
  const at = (place, name, value) => app.change(gettext("Check"), set(app.data, [...path, "checks", place, name], value), `${path.join(".")} check ${place} ${name}`);
  const add = () => {
    const key = free("check", new Set(list.map((one) => one.key)));
    app.change(gettext("New check"), set(app.data, [...path, "checks"], [...list, { key, holds: ["boolean", true], severity: "warn", message: {} }]));
  };
  const drop = (place) => {
    const rest = list.filter((_, i) => i !== place);
    app.change(gettext("Check taken away"), set(app.data, [...path, "checks"], rest.length ? rest : undefined));
  };
  const unset = (node) => (node?.[0] === "boolean" ? undefined : node);
  return html`${list.map(
      (check, place) => html`<fieldset class="check-card">
        <legend>${interpolate(gettext("Check %s"), [place + 1])}</legend>
        <button class="btn-icon check-drop" type="button" aria-label=${gettext("Remove this check")} @click=${() => drop(place)}>${icon("trash")}</button>
        ${condition(app, `${path} check ${place}`, gettext("What must hold"), unset(check.holds), (node) => at(place, "holds", node ?? ["boolean", true]))}
        ${texts(app, `${path} check ${place} message`, gettext("Message where it doesn’t hold"), check.message, (value) => at(place, "message", value))}
        ${choice(`${path} check ${place} severity`, gettext("Then"), check.severity, [["warn", gettext("a warning is shown")], ["block", gettext("the value is refused")], ["query", gettext("a query is opened")]], (value) => at(place, "severity", value))}
      </fieldset>`,
    )}
    <button class="btn btn-sm" type="button" @click=${add}>${icon("plus")}${gettext("Add a check")}</button>`;
}
