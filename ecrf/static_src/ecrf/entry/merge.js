// Somebody saved in the meantime: show what he changed and what both changed; the reader chooses, field by field.
import { html, nothing } from "lit-html";
import { clock } from "./display.js";

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/**
 * Lay side by side what was read, what was typed here and what is on the server now. What the server says was changed
 * counts even where nothing differs: after a reload, what was read holds it already.
 */
export function differences(before, edits, now, changes) {
  const who = new Map(changes.map((change) => [change.key, change]));
  const keys = [...new Set([...who.keys(), ...Object.keys(now)])];
  const theirs = keys.filter((key) => who.has(key) || !same(before[key], now[key]));
  return {
    both: theirs.filter((key) => edits.has(key) && !same(edits.get(key), now[key])),
    only: theirs.filter((key) => !edits.has(key)),
    who,
  };
}

/** The panel. `choices` (Map key -> "mine" or "theirs") fills as the reader chooses. */
export function panel({ found, choices, edits, now, items, show, language, choose, merge }) {
  const label = (key) => show.text(items.get(key)?.spec.label) || key;
  const rows = (stored) => interpolate(ngettext("One row", "%s rows", stored.length), [stored.length]);
  const value = (key, stored) => {
    if (items.has(key)) return show.value(items.get(key).spec, stored) || gettext("empty");
    return Array.isArray(stored) && stored.length ? rows(stored) : stored || gettext("empty");
  };
  const by = (key) => {
    const change = found.who.get(key);
    return change ? interpolate(gettext("%(who)s, %(time)s"), { who: change.by, time: clock(change.at, language) }, true) : "";
  };
  const ready = found.both.every((key) => choices.has(key));
  const option = (key, side, title, stored) => html`
    <label class="merge-option">
      <input class="form-check-input" type="radio" name="merge-${key}" .checked=${choices.get(key) === side} @change=${() => choose(key, side)} />
      <span><strong>${title}</strong> ${value(key, stored)}</span>
    </label>`;
  return html`
    <section class="merge" role="alert" tabindex="-1" aria-labelledby="merge-title" data-merge>
      <h2 id="merge-title">${gettext("This record was saved by somebody else in the meantime")}</h2>
      <p>${gettext("Nothing of yours is lost. Take over what changed, then save.")}</p>
      ${found.both.length
        ? html`<h3>${gettext("Changed by both: choose")}</h3>
            ${found.both.map(
              (key) => html`
                <fieldset class="merge-field">
                  <legend>${label(key)}</legend>
                  ${option(key, "mine", gettext("Yours:"), edits.get(key))}
                  ${option(key, "theirs", interpolate(gettext("%(who)s:"), { who: by(key) || gettext("Saved") }, true), now[key])}
                </fieldset>`,
            )}`
        : nothing}
      ${found.only.length
        ? html`<h3>${gettext("Changed by others")}</h3>
            <dl class="facts">
              ${found.only.map((key) => html`<div><dt>${label(key)}</dt><dd>${value(key, now[key])} <span class="text-soft">${by(key)}</span></dd></div>`)}
            </dl>`
        : nothing}
      <button class="btn btn-primary" type="button" ?disabled=${!ready} @click=${merge}>${gettext("Take over and go on")}</button>
    </section>`;
}
