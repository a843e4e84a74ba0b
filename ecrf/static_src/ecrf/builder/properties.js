// The panel of what is selected: a question, a section, a page, or the form.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { choicesEditor } from "./choices.js";
import { box, choice, section, textField, texts } from "./controls.js";
import { free, get, kindOf, keys, renameItem, renamePage, set, slug } from "./data.js";
import { formula } from "./formulas.js";
import { looks } from "./looks.js";
import { condition } from "./rules.js";
import { checks } from "./checks.js";
import { consentOf } from "./consent.js";
import { turned, typeOf, TYPES, isChoice } from "./types.js";

const FORMATS = () => [
  ["", gettext("Any text")],
  ["email", gettext("E-mail address")],
  ["phone_french", gettext("French telephone number")],
  ["postalcode_french", gettext("French postal code")],
  ["alpha_only", gettext("Letters only")],
];
const VALUE = { text: "text", integer: "number", decimal: "number", date: "date", partial_date: "date", datetime: "datetime", time: "time", choice: "text" };
const LIMITED = new Set(["integer", "decimal", "date", "partial_date", "datetime", "time"]);

export function properties(app) {
  const path = app.selection.at(-1);
  if (app.selection.length > 1) return several(app);
  if (!path) return ofForm(app);
  return { page: ofPage, group: ofGroup, item: ofItem }[kindOf(path)](app, path, get(app.data, path));
}

/** Set a part; an empty one goes. */
const put = (app, path, name, value, label = gettext("Change of a property")) =>
  app.change(label, set(app.data, [...path, name], value === "" || value === false || value === null ? undefined : value), `${path.join(".")} ${name}`);

function several(app) {
  const kind = kindOf(app.selection[0]);
  const all = (name, value) => {
    const next = app.selection.reduce((data, path) => set(data, [...path, name], value || undefined), app.data);
    app.change(gettext("Change of several questions"), next);
  };
  const every = (name) => app.selection.every((path) => get(app.data, path)[name]);
  return html`<h2 class="panel-title" tabindex="-1">${interpolate(gettext("%s selected"), [app.selection.length])}</h2>
    ${kind === "item" ? html`${box("all required", gettext("Required"), every("required"), (on) => all("required", on))}${box("all identifier", gettext("Tells who the person is"), every("identifier"), (on) => all("identifier", on))}` : nothing}
    <div class="panel-acts"><button class="btn" type="button" @click=${() => app.duplicate()}>${icon("copy")}${gettext("Duplicate")}</button><button class="btn" type="button" @click=${() => app.removeSelected()}>${icon("trash")}${gettext("Delete")}</button></div>`;
}

const acts = (app) => html`<div class="panel-acts">
  <button class="btn-icon" type="button" title=${gettext("Move up")} aria-label=${gettext("Move up")} @click=${() => app.shift(-1)}>${icon("arrow-up")}</button>
  <button class="btn-icon" type="button" title=${gettext("Move down")} aria-label=${gettext("Move down")} @click=${() => app.shift(1)}>${icon("arrow-down")}</button>
  <button class="btn-icon" type="button" title=${gettext("Duplicate")} aria-label=${gettext("Duplicate")} @click=${() => app.duplicate()}>${icon("copy")}</button>
  <button class="btn-icon" type="button" title=${gettext("Delete")} aria-label=${gettext("Delete")} @click=${() => app.removeSelected()}>${icon("trash")}</button>
</div>`;

const head = (app, word, sign) => html`<div class="panel-head"><h2 class="panel-title" tabindex="-1">${sign}${word}</h2>${acts(app)}</div>`;

function faults(app, path) {
  const found = app.problems.filter((problem) => problem.place === path.join(".") || problem.place.startsWith(`${path.join(".")}.`));
  return found.length ? html`<ul class="panel-faults">${found.map((problem) => html`<li>${icon("alert-triangle")}<span>${problem.message}</span></li>`)}</ul>` : nothing;
}

function ofForm(app) {
  return html`<h2 class="panel-title" tabindex="-1">${icon("clipboard-list")}${gettext("The form")}</h2>
    ${texts(app, "form title", gettext("Title"), app.data.title, (value) => app.change(gettext("Title of the form"), set(app.data, ["title"], value), "title"))}
    ${texts(app, "form description", gettext("Description"), app.data.description, (value) => put(app, [], "description", Object.keys(value).length ? value : null), { lines: 2 })}
    ${box("form annotate", gettext("A question may get a status and a comment instead of a value"), app.data.annotate !== false, (on) => app.change(gettext("Statuses"), set(app.data, ["annotate"], on ? undefined : false)))}
    ${choice("form hidden", gettext("Values of questions that are no longer shown"), app.data.hidden_values, [["", gettext("are kept and marked")], ["erase", gettext("are erased at the next save")]], (value) => put(app, [], "hidden_values", value))}
    <p class="text-soft">${gettext("Languages are under Translations, visits and arms under Visits.")}</p>`;
}

function ofPage(app, path, page) {
  const label = (value, language) => {
    let next = set(app.data, [...path, "title"], value);
    if (language === app.data.languages[0] && app.derives(page.key, page.title, language, "page")) {
      const taken = new Set(app.data.pages.filter((one) => one !== page).map((one) => one.key.toLowerCase()));
      const key = free(slug(value[language] ?? "") || "page", taken);
      if (key !== page.key) next = renamePage(next, path, key);
      app.open.add(key);
    }
    app.change(gettext("Title of a page"), next, `${path.join(".")} title`);
  };
  return html`${head(app, gettext("Page"), icon("file-text"))}${faults(app, path)}
    ${texts(app, `${path} title`, gettext("Title"), page.title, label)}
    ${texts(app, `${path} help`, gettext("Introduction"), page.help, (value) => put(app, path, "help", Object.keys(value).length ? value : null), { lines: 2 })}
    ${condition(app, `${path} visible_if`, gettext("Shown if"), page.visible_if, (node) => put(app, path, "visible_if", node ?? null), { hint: gettext("Without a condition the page is always shown.") })}
    ${box(`${path} repeats`, gettext("Filled in as often as needed"), page.repeats, (on) => put(app, path, "repeats", on), gettext("For adverse events, medications, and the like."))}
    ${consentOf(app, path, page)}
    ${section(
      gettext("More"),
      html`${textField(`${path} key`, gettext("Key"), page.key, (key) => app.change(gettext("Key of a page"), renamePage(app.data, path, key), `${path} key`), { code: true, max: 100 })}
        ${texts(app, `${path} sign`, gettext("Meaning of the signature"), page.sign, (value) => put(app, path, "sign", Object.keys(value).length ? value : null), { hint: gettext("Without a meaning nobody signs the page.") })}`,
      false,
    )}`;
}

function ofGroup(app, path, group) {
  const title = (value) => put(app, path, "title", Object.keys(value).length ? value : null, gettext("Title of a section"));
  const tableable = group.items.length > 1 && group.items.every((item) => item.type === group.items[0].type && isChoice(item.type));
  const repeat = (on) => {
    const key = free(slug(app.text(group.title)) || "rows", keys(app.data));
    put(app, path, "repeat", on ? { key } : null, gettext("Repeated section"));
  };
  return html`${head(app, gettext("Section"), icon("section"))}${faults(app, path)}
    ${texts(app, `${path} title`, gettext("Title"), group.title, title)}
    ${texts(app, `${path} help`, gettext("Introduction"), group.help, (value) => put(app, path, "help", Object.keys(value).length ? value : null), { lines: 2 })}
    ${condition(app, `${path} visible_if`, gettext("Shown if"), group.visible_if, (node) => put(app, path, "visible_if", node ?? null), { hint: gettext("Without a condition the section is always shown.") })}
    ${tableable || group.matrix ? box(`${path} matrix`, gettext("Shown as a table"), group.matrix, (on) => app.change(gettext("Change of a property"), set(set(app.data, [...path, "matrix"], on ? free(`${group.items[0].key}_table`, new Set()) : undefined), [...path, "ranked"], undefined)), gettext("The questions are lines, their choices columns.")) : nothing}
    ${group.matrix && group.items[0].type === "choice" ? box(`${path} ranked`, gettext("Each choice is given to one line"), group.ranked, (on) => put(app, path, "ranked", on), gettext("To put things in order.")) : nothing}
    ${box(`${path} repeat`, gettext("Asked once per row"), group.repeat, repeat, gettext("The answers are a list of rows."))}
    ${group.repeat ? textField(`${path} repeat key`, gettext("Key of the rows"), group.repeat.key, (key) => app.change(gettext("Key of rows"), set(app.data, [...path, "repeat", "key"], key), `${path} repeat`), { code: true, max: 100 }) : nothing}
    ${section(
      gettext("Layout"),
      html`${choice(`${path} columns`, gettext("Questions side by side"), String(group.columns ?? ""), [["", gettext("one under the other")], ...["2", "3", "4"].map((n) => [n, interpolate(gettext("%s columns"), [n])])], (n) => put(app, path, "columns", n ? Number(n) : null))}
        ${box(`${path} collapsed`, gettext("Folded until somebody opens it"), group.collapsed, (on) => put(app, path, "collapsed", on))}`,
      false,
    )}`;
}

function ofItem(app, path, item) {
  const kind = typeOf(item);
  const first = app.data.languages[0];
  const label = (value, language) => {
    let next = set(app.data, [...path, "label"], value);
    if (language === first && app.derives(item.key, item.label, first)) {
      const taken = keys(app.data);
      taken.delete(item.key.toLowerCase());
      const key = free(slug(value[first] ?? "") || "question", taken);
      if (key !== item.key) next = renameItem(next, path, key);
    }
    app.change(gettext("Label"), next, `${path.join(".")} label`);
  };
  const turn = (id) => app.change(gettext("Type of a question"), set(app.data, path, turned(item, TYPES.find((one) => one.id === id), app.data.languages)));
  const published = app.published.has(item.key);
  const put_ = (name, value, words) => put(app, path, name, value, words);
  const hasValue = item.type !== "output";
  return html`${head(app, kind.word(), kind.icon.cloneNode(true))}${faults(app, path)}
    ${texts(app, `${path} label`, item.type === "output" ? gettext("Text") : gettext("Label"), item.label, label, { lines: item.type === "output" ? 3 : 0 })}
    ${choice(`${path} type`, gettext("Type"), kind.id, TYPES.map((one) => [one.id, one.word()]), turn, published && item.type !== kind.type ? gettext("Values exist under another type.") : "")}
    ${isChoice(item.type) ? choicesEditor(app, path, item) : nothing}
    ${looks(app, path, item, put_)}
    ${item.type === "integer" || item.type === "decimal" ? textField(`${path} unit`, gettext("Unit"), item.unit, (unit) => put_("unit", unit, gettext("Unit")), { max: 40 }) : nothing}
    ${item.calc || kind.calc ? formula(app, `${path} calc`, gettext("Calculation"), item.calc, VALUE[item.type], (node) => put_("calc", node ?? null, gettext("Calculation")), { hint: gettext("Type a name: the fields are offered.") }) : nothing}
    ${hasValue && !item.calc ? box(`${path} required`, gettext("Required"), item.required, (on) => put_("required", on, gettext("Required"))) : nothing}
    ${condition(app, `${path} visible_if`, gettext("Shown if"), item.visible_if, (node) => put_("visible_if", node ?? null, gettext("Condition")), { but: item.key, hint: gettext("Without a condition the question is always shown.") })}
    ${texts(app, `${path} help`, gettext("Help"), item.help, (value) => put_("help", Object.keys(value).length ? value : null, gettext("Help")))}
    ${LIMITED.has(item.type) && !item.calc ? limits(app, path, item, put_) : nothing}
    ${hasValue ? section(gettext("Checks"), checks(app, path, item), Boolean(item.checks?.length)) : nothing}
    ${section(gettext("More"), more(app, path, item, put_, published), false)}`;
}

function limits(app, path, item, put_) {
  const wanted = VALUE[item.type];
  const simple = (node) => !node || (node.length === 2 && node[0] === wanted && typeof node[1] === "string");
  const field = (name, label) => {
    const node = item[name];
    if (!simple(node)) return formula(app, `${path} ${name}`, label, node, wanted, (next) => put_(name, next ?? null, gettext("Limits")));
    const kind = { date: "date", datetime: "datetime-local", time: "time" }[wanted];
    if (kind) return html`<div class="prop"><label class="form-label" for="limit-${name}">${label}</label><input class="form-control" id="limit-${name}" type=${kind} .value=${node?.[1] ?? ""} @change=${(event) => put_(name, event.target.value ? [wanted, event.target.value] : null, gettext("Limits"))} />${today(name, wanted)}</div>`;
    return textField(`${path} ${name}`, label, node?.[1] ?? "", (text) => put_(name, text.trim() ? [wanted, text.trim().replace(",", ".")] : null, gettext("Limits")), { mode: "decimal" });
  };
  const today = (name, kind) => (kind === "date" && !item[name] ? html`<button class="btn-link" type="button" @click=${() => put_(name, ["today"], gettext("Limits"))}>${gettext("the day of entry")}</button>` : nothing);
  return section(
    gettext("Limits"),
    html`<div class="prop-pair">${field("min", gettext("At least"))}${field("max", gettext("At most"))}</div>
      ${item.min || item.max ? choice(`${path} range`, gettext("A value beyond"), item.range ?? "warn", [["warn", gettext("is kept with a warning")], ["block", gettext("is refused")]], (value) => put_("range", value, gettext("Limits"))) : nothing}
      ${item.type === "decimal" ? textField(`${path} decimals`, gettext("Decimals at most"), String(item.decimals ?? ""), (text) => put_("decimals", /^\d+$/.test(text) && Number(text) > 0 ? Math.min(12, Number(text)) : null), { mode: "numeric", max: 2 }) : nothing}`,
    Boolean(item.min || item.max),
  );
}

function more(app, path, item, put_, published) {
  const key = (text) => app.change(gettext("Key of a question"), renameItem(app.data, path, text), `${path} key`);
  const value = VALUE[item.type];
  return html`${textField(`${path} key`, gettext("Key"), item.key, key, { code: true, max: 100, wrong: /^[A-Za-z][A-Za-z0-9_]*$/.test(item.key) ? "" : gettext("Letters without accents, digits and _, beginning with a letter."), hint: published ? gettext("Data exist under this key: with another one this becomes a new field.") : gettext("The name of the column in exports.") })}
    ${item.type !== "output"
      ? html`${box(`${path} identifier`, gettext("Tells who the person is"), item.identifier, (on) => put_("identifier", on), gettext("Left out of exports without identifiers."))}
          ${box(`${path} readonly`, gettext("Read only"), item.readonly, (on) => put_("readonly", on))}
          ${box(`${path} hidden`, gettext("Never shown"), item.hidden, (on) => put_("hidden", on))}`
      : nothing}
    ${item.type === "text" && !item.calc
      ? html`${choice(`${path} format`, gettext("Format"), item.format, [...FORMATS(), ...(item.format && !FORMATS().some(([code]) => code === item.format) ? [[item.format, item.format]] : [])], (code) => put_("format", code))}
          ${textField(`${path} max_length`, gettext("Characters at most"), String(item.max_length ?? ""), (text) => put_("max_length", /^[1-9]\d*$/.test(text) ? Math.min(100000, Number(text)) : null), { mode: "numeric", max: 6 })}
          ${textField(`${path} coding`, gettext("Coded with the dictionary"), item.coding?.dictionary ?? "", (text) => put_("coding", /^[a-z0-9][a-z0-9_-]*$/.test(text) ? { dictionary: text } : null), { code: true, max: 50, hint: gettext("The key of a dictionary of the project, for example meddra.") })}`
      : nothing}
    ${isChoice(item.type) ? choice(`${path} columns`, gettext("Choices side by side"), String(item.columns ?? ""), [["", gettext("as room allows")], ...["2", "3", "4", "5", "6"].map((n) => [n, interpolate(gettext("%s columns"), [n])])], (n) => put_("columns", n ? Number(n) : null)) : nothing}
    ${value && !item.calc && item.type !== "choice" ? formula(app, `${path} default`, gettext("Proposed value"), item.default, value, (node) => put_("default", node ?? null, gettext("Proposed value"))) : nothing}
    ${item.type !== "output" && !item.calc ? condition(app, `${path} required_if`, gettext("Required if"), item.required_if, (node) => put_("required_if", node ?? null), { but: item.key }) : nothing}`;
}

