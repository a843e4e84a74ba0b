// Visits and arms: which pages are filled in when, as a table to tick; shared lists stand below.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { choiceRows } from "./choices.js";
import { idFor, section } from "./controls.js";
import { neededBy } from "./consent.js";
import { free, insert, items, set, slug } from "./data.js";

const KINDS = () => [["", gettext("planned")], ["unscheduled", gettext("when it happens")], ["common", gettext("outside visits")]];

export function visits(app) {
  const { data } = app;
  const events = data.events ?? [];
  return html`<div class="pane-inner">
    <h2>${gettext("Visits")} <span class="count">${events.length}</span></h2>
    ${events.length ? table(app, events) : html`<p class="text-soft">${gettext("Without visits each page is filled in once. Add a visit to say when which page is filled in.")}</p>`}
    <p><button class="btn" type="button" @click=${() => addEvent(app)}>${icon("plus")}${gettext("Add a visit")}</button></p>
    <h2>${gettext("Arms")} <span class="count">${(data.arms ?? []).length}</span></h2>
    ${arms(app, data.arms ?? [])}
    <h2>${gettext("Shared lists of choices")} <span class="count">${Object.keys(data.lists ?? {}).length}</span></h2>
    ${lists(app)}
  </div>`;
}

function addEvent(app) {
  const events = app.data.events ?? [];
  const taken = new Set(events.map((event) => event.key.toLowerCase()));
  const words = Object.fromEntries(app.data.languages.map((name) => [name, name === "fr" ? `Visite ${events.length + 1}` : `Visit ${events.length + 1}`]));
  const pages = events.length ? [] : app.data.pages.map((page) => page.key);
  app.change(gettext("New visit"), insert(app.data, ["events"], events.length, { key: free(`visit_${events.length + 1}`, taken), title: words, pages }));
}

function table(app, events) {
  const { data } = app;
  const put = (place, name, value) => app.change(gettext("Visit"), set(data, ["events", place, name], value === "" || value === false || value === null ? undefined : value), `event ${place} ${name}`);
  const tick = (event, place, key, on) => put(place, "pages", data.pages.map((page) => page.key).filter((one) => (one === key ? on : event.pages.includes(one))));
  const drop = (place) => {
    const rest = events.filter((_, i) => i !== place).map(({ after_visit, ...event }) => (after_visit && after_visit !== events[place].key ? { ...event, after_visit } : event));
    app.change(gettext("Visit taken away"), set(data, ["events"], rest.length ? rest : undefined));
  };
  const shift = (place, by) => {
    const next = [...events];
    next.splice(place + by, 0, ...next.splice(place, 1));
    app.change(gettext("Order of the visits"), set(data, ["events"], next));
    app.announce(interpolate(gettext("Visit %(place)s of %(all)s"), { place: place + by + 1, all: events.length }, true));
  };
  const number = (place, name, label, low) => html`<input class="form-control is-tiny" type="text" inputmode="numeric" aria-label=${label} maxlength="6" autocomplete="off" .value=${live(String(events[place][name] ?? ""))} @change=${(change) => put(place, name, whole(change.target.value, low))} />`;
  return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${gettext("Visits and pages")}>
    <table class="table table-visits">
      <thead><tr><th scope="col">${gettext("Visit")}</th><th scope="col">${gettext("Day")}</th><th scope="col">${gettext("Days early")}</th><th scope="col">${gettext("Days late")}</th><th scope="col">${gettext("Counted from")}</th><th scope="col">${gettext("Date asked in")}</th><th scope="col">${gettext("Kind")}</th><th scope="col">${gettext("Repeats")}</th>
        ${data.pages.map((page) => html`<th scope="col" class="page-col">${app.text(page.title) || page.key}</th>`)}
        ${(data.arms ?? []).length ? html`<th scope="col">${gettext("Arms")}</th>` : nothing}${data.pages.some((page) => page.consent) ? html`<th scope="col">${gettext("Needs a consent")}</th>` : nothing}<th scope="col"><span class="visually-hidden">${gettext("Acts")}</span></th></tr></thead>
      <tbody>
        ${events.map((event, place) => {
          const name = app.text(event.title) || event.key;
          return html`<tr>
            <th scope="row"><input class="form-control" id=${idFor(`event ${place}`)} aria-label=${interpolate(gettext("Name of visit %s"), [place + 1])} .value=${live(event.title?.[app.language] ?? "")} placeholder=${name} @input=${(change) => rename(app, place, change.target.value)} /><code>${event.key}</code></th>
            <td>${number(place, "day", `${gettext("Day")}, ${name}`)}</td>
            <td>${number(place, "before", `${gettext("Days early")}, ${name}`, 0)}</td>
            <td>${number(place, "after", `${gettext("Days late")}, ${name}`, 0)}</td>
            <td>${anchor(app, events, place, name)}</td>
            <td>${dateItem(app, event, name, (key) => put(place, "date", key))}</td>
            <td><select class="form-select" aria-label="${gettext("Kind")}, ${name}" .value=${live(event.kind ?? "")} @change=${(change) => put(place, "kind", change.target.value)}>${KINDS().map(([code, word]) => html`<option value=${code} ?selected=${code === (event.kind ?? "")}>${word}</option>`)}</select></td>
            <td class="cell-tick"><label class="tick"><input class="form-check-input" type="checkbox" aria-label="${gettext("Repeats")}, ${name}" .checked=${live(Boolean(event.repeats))} @change=${(change) => put(place, "repeats", change.target.checked)} /></label></td>
            ${data.pages.map(
              (page) => html`<td class="cell-tick"><label class="tick"><input class="form-check-input" type="checkbox" aria-label="${app.text(page.title) || page.key}, ${name}" .checked=${live(event.pages.includes(page.key))} @change=${(change) => tick(event, place, page.key, change.target.checked)} /></label></td>`,
            )}
            ${(data.arms ?? []).length ? html`<td>${armTicks(app, event, place, put, name)}</td>` : nothing}
            ${neededBy(app, event, (wanted) => put(place, "requires_consent", wanted), name)}
            <td class="cell-acts"><button class="btn-icon" type="button" ?disabled=${place === 0} aria-label="${gettext("Move up")}, ${name}" @click=${() => shift(place, -1)}>${icon("arrow-up")}</button><button class="btn-icon" type="button" ?disabled=${place === events.length - 1} aria-label="${gettext("Move down")}, ${name}" @click=${() => shift(place, 1)}>${icon("arrow-down")}</button><button class="btn-icon" type="button" aria-label="${gettext("Delete")}, ${name}" @click=${() => drop(place)}>${icon("trash")}</button></td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** From what the day counts: the inclusion, the randomisation, another visit, or a formula that stays as it is. */
function anchor(app, events, place, name) {
  const event = events[place];
  const held = event.from ? "from" : event.after_randomisation ? "randomisation" : event.after_visit ? `visit ${event.after_visit}` : "";
  const pick = (choice) => {
    const { from, after_visit, after_randomisation, ...rest } = event;
    const next = choice === "randomisation" ? { ...rest, after_randomisation: true } : choice.startsWith("visit ") ? { ...rest, after_visit: choice.slice(6) } : choice === "from" ? { ...rest, from } : rest;
    app.change(gettext("Visit"), set(app.data, ["events", place], next), `event ${place} anchor`);
  };
  const choices = [["", gettext("the inclusion")], ["randomisation", gettext("the randomisation")], ...events.filter((other) => other !== event && (other.kind ?? "scheduled") === "scheduled").map((other) => [`visit ${other.key}`, app.text(other.title) || other.key])];
  if (event.from) choices.push(["from", gettext("a formula")]);
  return html`<select class="form-select" aria-label="${gettext("Counted from")}, ${name}" .value=${live(held)} @change=${(change) => pick(change.target.value)}>${choices.map(([code, word]) => html`<option value=${code} ?selected=${code === held}>${word}</option>`)}</select>`;
}

/** The question of the visit's pages that asks when it took place. */
function dateItem(app, event, name, put) {
  const asked = [...items(app.data)].filter(({ item, page }) => ["date", "datetime"].includes(item.type) && event.pages.includes(page?.key ?? page));
  return html`<select class="form-select" aria-label="${gettext("Date asked in")}, ${name}" .value=${live(event.date ?? "")} @change=${(change) => put(change.target.value)}><option value="" ?selected=${!event.date}>${gettext("nowhere")}</option>${asked.map(({ item }) => html`<option value=${item.key} ?selected=${item.key === event.date}>${app.text(item.label) || item.key}</option>`)}</select>`;
}

const whole = (text, low) => (/^-?\d{1,6}$/.test(text.trim()) ? Math.max(low ?? -36500, Number(text)) : null);

function rename(app, place, text) {
  const event = app.data.events[place];
  const title = { ...event.title };
  const first = app.data.languages[0];
  if (text) title[app.language] = text;
  else delete title[app.language];
  let next = set(app.data, ["events", place, "title"], title);
  if (app.language === first && !app.publishedEvents.has(event.key)) {
    const taken = new Set(app.data.events.filter((one) => one !== event).map((one) => one.key.toLowerCase()));
    const key = free(slug(text) || "visit", taken);
    next = set(next, ["events", place, "key"], key);
    next = { ...next, events: next.events.map((one) => (one.after_visit === event.key ? { ...one, after_visit: key } : one)) };
  }
  app.change(gettext("Name of a visit"), next, `event ${place} title`);
}

function armTicks(app, event, place, put, name) {
  const all = app.data.arms.map((arm) => arm.key);
  const held = event.arms ?? all;
  const tick = (key, on) => {
    const next = all.filter((one) => (one === key ? on : held.includes(one)));
    put(place, "arms", next.length === all.length || !next.length ? null : next);
  };
  return app.data.arms.map((arm) => html`<label class="form-check"><input class="form-check-input" type="checkbox" aria-label="${app.text(arm.title) || arm.key}, ${name}" .checked=${live(held.includes(arm.key))} @change=${(change) => tick(arm.key, change.target.checked)} /><span class="form-check-label">${app.text(arm.title) || arm.key}</span></label>`);
}

function arms(app, list) {
  const add = () => {
    const key = free(`arm_${list.length + 1}`, new Set(list.map((arm) => arm.key)));
    const title = Object.fromEntries(app.data.languages.map((name) => [name, name === "fr" ? `Bras ${list.length + 1}` : `Arm ${list.length + 1}`]));
    app.change(gettext("New arm"), insert(app.data, ["arms"], list.length, { key, title }));
  };
  const drop = (place) => {
    const gone = list[place].key;
    const rest = list.filter((_, i) => i !== place);
    let next = set(app.data, ["arms"], rest.length ? rest : undefined);
    if (next.events) next = { ...next, events: next.events.map(({ arms: held, ...event }) => (held?.some((key) => key !== gone) ? { ...event, arms: held.filter((key) => key !== gone) } : event)) };
    app.change(gettext("Arm taken away"), next);
  };
  const name = (place, text) => app.change(gettext("Name of an arm"), set(app.data, ["arms", place, "title"], { ...list[place].title, [app.language]: text }), `arm ${place}`);
  return html`${list.length ? html`<ul class="plain-list arm-list">${list.map((arm, place) => html`<li><input class="form-control" aria-label=${interpolate(gettext("Name of arm %s"), [place + 1])} .value=${live(arm.title?.[app.language] ?? "")} @input=${(event) => name(place, event.target.value)} /><code>${arm.key}</code><button class="btn-icon" type="button" aria-label="${gettext("Delete")}, ${app.text(arm.title)}" @click=${() => drop(place)}>${icon("trash")}</button></li>`)}</ul>` : html`<p class="text-soft">${gettext("One way through the study for all.")}</p>`}
    <p><button class="btn" type="button" @click=${add}>${icon("plus")}${gettext("Add an arm")}</button></p>`;
}

function lists(app) {
  const all = Object.entries(app.data.lists ?? {});
  const used = (name) => [...items(app.data)].filter(({ item }) => item.list === name).length;
  const add = () => app.change(gettext("New list"), set(app.data, ["lists", free("list", new Set(all.map(([name]) => name.toLowerCase())))], [{ code: "1", label: {} }]));
  const drop = (name) => {
    const rest = Object.fromEntries(all.filter(([other]) => other !== name));
    app.change(gettext("List taken away"), set(app.data, ["lists"], Object.keys(rest).length ? rest : undefined));
  };
  return html`${all.map(([name, list]) =>
      section(
        html`<code>${name}</code> <span class="text-soft">${interpolate(ngettext("%s question", "%s questions", used(name)), [used(name)])}</span>`,
        html`${choiceRows(app, ["lists", name], list)}${used(name) ? nothing : html`<button class="btn-link" type="button" @click=${() => drop(name)}>${gettext("Delete the list")}</button>`}`,
        false,
      ),
    )}
    <p><button class="btn" type="button" @click=${add}>${icon("plus")}${gettext("Add a list")}</button></p>`;
}
