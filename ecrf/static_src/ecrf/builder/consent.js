// The properties of a page that is a consent: its sheet, and which of its questions are what.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { box, choice, section, textField, texts } from "./controls.js";
import { set } from "./data.js";

const asked = (page) => page.groups.filter((group) => !group.repeat).flatMap((group) => group.items);
const DAYS = new Set(["date", "datetime"]);
const PARTS = () => [
  ["name", gettext("Question for the name"), (item) => item.type === "text"],
  ["date", gettext("Question for the date"), (item) => DAYS.has(item.type)],
  ["signature", gettext("Question for the signature"), (item) => item.type === "file" && item.look === "signature"],
];

export function consentOf(app, path, page) {
  const { consent } = page;
  const at = [...path, "consent"];
  const change = (inside, value, name) => app.change(gettext("Consent"), set(app.data, [...at, ...inside], value), `${at.join(".")} ${name}`);
  const turn = (on) => {
    const blank = { version: "1.0", sheet: [{ text: {} }] };
    app.change(gettext("Consent"), set(app.data, at, on ? blank : undefined));
  };
  const inside = consent
    ? html`${textField(`${path} consent version`, gettext("Version of the information sheet"), consent.version, (value) => change(["version"], value, "version"), { max: 60, hint: gettext("With another version, those who consented to the one before are to be asked again.") })}
        ${box(`${path} consent again`, gettext("Those who consented to an earlier version need not be asked again"), consent.again === false, (on) => change(["again"], on ? false : undefined, "again"))}
        ${textField(`${path} consent approved`, gettext("Approved on (year-month-day)"), consent.approved, (value) => change(["approved"], value || undefined, "approved"), { max: 10 })}
        ${passages(app, at, consent, change)}
        ${questions(path, page, consent, change)}`
    : nothing;
  return section(gettext("Consent"), html`${box(`${path} consent`, gettext("The page is a consent"), Boolean(consent), turn, gettext("Saved complete, it is archived as a PDF of what was read and answered, and locked."))}${inside}`, Boolean(consent));
}

function passages(app, at, consent, change) {
  const put = (sheet) => change(["sheet"], sheet, "sheet");
  return html`${consent.sheet.map((passage, place) => {
      const put = (part, value) => change(["sheet", place, part], part === "title" && !Object.keys(value).length ? undefined : value, `sheet ${place} ${part}`);
      return html`<fieldset class="prop-passage">
        <legend>${interpolate(gettext("Section %s of the sheet"), [place + 1])}</legend>
        ${texts(app, `${at.join(".")} ${place} title`, gettext("Heading"), passage.title, (value) => put("title", value))}
        ${texts(app, `${at.join(".")} ${place} text`, gettext("Text; an empty line begins a paragraph"), passage.text, (value) => put("text", value), { lines: 5 })}
        ${consent.sheet.length > 1 ? html`<button class="btn btn-sm" type="button" @click=${() => change(["sheet"], consent.sheet.filter((_, i) => i !== place), "sheet")}>${icon("trash")}${gettext("Take this section away")}</button>` : nothing}
      </fieldset>`;
    })}
    <p><button class="btn btn-sm" type="button" @click=${() => put([...consent.sheet, { text: {} }])}>${icon("plus")}${gettext("Add a section")}</button></p>`;
}

function questions(path, page, consent, change) {
  const items = asked(page);
  const name = (item) => Object.values(item.label).find(Boolean) || item.key;
  const agree = consent.agree ?? [];
  const tick = (key, on) => {
    const next = items.map((item) => item.key).filter((one) => (one === key ? on : agree.includes(one)));
    change(["agree"], next.length ? next : undefined, "agree");
  };
  const choosable = items.filter((item) => item.type === "choice" || item.type === "choices");
  return html`${PARTS().map(([part, label, fits]) => choice(`${path} consent ${part}`, label, consent[part], [["", gettext("none")], ...items.filter(fits).map((item) => [item.key, name(item)])], (key) => change([part], key || undefined, part)))}
    ${choosable.length
      ? html`<div class="prop" role="group" aria-label=${gettext("Without a yes here, it is a refusal")}><span class="form-label">${gettext("Without a yes here, it is a refusal")}</span>
          ${choosable.map((item) => html`<label class="form-check"><input class="form-check-input" type="checkbox" .checked=${agree.includes(item.key)} @change=${(event) => tick(item.key, event.target.checked)} /><span class="form-check-label">${name(item)}</span></label>`)}</div>`
      : nothing}`;
}

/** What a visit needs before anything is entered at it. */
export function neededBy(app, event, change, name) {
  const consents = app.data.pages.filter((page) => page.consent && !event.pages.includes(page.key));
  if (!app.data.pages.some((page) => page.consent)) return nothing;
  const wanted = event.requires_consent;
  const value = wanted ? `${wanted.page} ${wanted.without ?? "refuse"}` : "";
  const put = (text) => {
    const [page, without] = text.split(" ");
    change(page ? { page, ...(without === "warn" ? { without } : {}) } : null);
  };
  const options = consents.flatMap((page) => {
    const title = app.text(page.title) || page.key;
    return [[`${page.key} refuse`, interpolate(gettext("%s, else refused"), [title])], [`${page.key} warn`, interpolate(gettext("%s, else a warning"), [title])]];
  });
  return html`<td><select class="form-select" aria-label="${gettext("Needs a consent")}, ${name}" @change=${(event) => put(event.target.value)}>
    <option value="" ?selected=${!value}>${gettext("no")}</option>${options.map(([code, word]) => html`<option value=${code} ?selected=${code === value}>${word}</option>`)}
  </select></td>`;
}
