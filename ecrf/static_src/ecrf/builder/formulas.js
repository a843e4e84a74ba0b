// A formula typed as text: fields are offered while one types, the server reads it, and only what it understands is kept.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { idFor } from "./controls.js";
import { items } from "./data.js";
import { nameOf, write } from "./formula.js";
import { ask } from "./saving.js";

const PAUSE = 500;
const timers = new Map();
const WORD = /(?<![A-Za-z0-9_.'"])[A-Za-z][A-Za-z0-9_]*$/;

/** What formulas may speak of, as the server wants it. */
function known(app) {
  const fields = {};
  for (const { item, group } of items(app.data)) {
    const codes = (item.choices ?? app.data.lists?.[item.list])?.map((choice) => choice.code);
    fields[item.key] = { type: item.type, codes, repeat: group.repeat?.key };
  }
  return { fields, events: (app.data.events ?? []).map((event) => event.key) };
}

export function formula(app, name, label, node, wanted, change, { hidden = false, hint = "" } = {}) {
  const id = idFor(name);
  const kept = app.texts.get(name);
  const text = kept?.text ?? (node ? write(node) : "");
  const type = (event) => {
    const box = event.target;
    app.texts.set(name, { text: box.value, problems: kept?.problems ?? [], typed: true });
    offer(app, name, box);
    clearTimeout(timers.get(name));
    timers.set(name, setTimeout(() => read(app, name, wanted, change, node), PAUSE));
    app.draw();
  };
  const leave = () => {
    app.offers = null;
    clearTimeout(timers.get(name));
    if (app.texts.get(name)?.typed) read(app, name, wanted, change, node);
    app.draw();
  };
  const problems = kept?.problems ?? [];
  const offers = app.offers?.name === name ? app.offers : null;
  return html`<div class=${hidden ? "formula" : "prop formula"}>
    <label class=${hidden ? "visually-hidden" : "form-label"} for=${id}>${label}</label>
    <textarea
      class="form-control is-code${problems.length ? " is-invalid" : ""}"
      id=${id}
      rows="2"
      spellcheck="false"
      autocomplete="off"
      aria-autocomplete="list"
      aria-haspopup="listbox"
      aria-controls="${id}-offers"
      aria-activedescendant=${offers ? `${id}-offer-${offers.place}` : nothing}
      aria-describedby="${id}-note"
      .value=${live(text)}
      @input=${type}
      @keydown=${(event) => keys(app, name, event, type)}
      @blur=${leave}
    ></textarea>
    <ul class="offers" id="${id}-offers" role="listbox" aria-label=${gettext("Fields")} ?hidden=${!offers}>
      ${(offers?.found ?? []).map(
        (item, place) => html`<li role="option" id="${id}-offer-${place}" aria-selected=${place === offers.place ? "true" : "false"} @pointerdown=${(event) => {
          event.preventDefault();
          take(app, document.getElementById(id), item.key, type);
        }}><code>${item.key}</code> ${app.text(item.label)}</li>`,
      )}
    </ul>
    <div id="${id}-note">
      ${problems.map((problem) => html`<p class="field-error">${problem}</p>`)}
      ${hint && !problems.length ? html`<div class="field-help">${hint}</div>` : nothing}
    </div>
  </div>`;
}

async function read(app, name, wanted, change, node) {
  const asked = app.texts.get(name)?.text ?? "";
  if (!asked.trim()) {
    app.texts.set(name, null);
    if (node) change(undefined);
    return;
  }
  let answer;
  try {
    answer = await ask(app.urls.parse_formula, { text: asked, wanted, ...known(app) });
  } catch {
    answer = null;
  }
  const now = app.texts.get(name);
  if (!now || now.text !== asked) return;
  if (!answer?.ok) app.texts.set(name, { ...now, problems: [gettext("The server can’t be reached: the formula is read when it is back.")] });
  else if (answer.said.problems) app.texts.set(name, { ...now, problems: answer.said.problems });
  else {
    app.texts.set(name, { text: asked, problems: [] });
    if (JSON.stringify(answer.said.node) !== JSON.stringify(node)) change(answer.said.node);
  }
  app.draw();
}

/** Offer the fields that begin as what stands before the cursor. */
function offer(app, name, box) {
  const wanted = (WORD.exec(box.value.slice(0, box.selectionStart))?.[0] ?? "").toLowerCase();
  if (!wanted) {
    app.offers = null;
    return;
  }
  const found = [...items(app.data)]
    .map(({ item }) => item)
    .filter((item) => item.type !== "output" && (item.key.toLowerCase().startsWith(wanted) || app.text(item.label).toLowerCase().split(/\s+/).some((word) => word.startsWith(wanted))))
    .slice(0, 8);
  app.offers = found.length ? { name, found, place: 0 } : null;
}

function keys(app, name, event, type) {
  const offers = app.offers?.name === name ? app.offers : null;
  event.stopPropagation();
  if (!offers) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) offers.place = (offers.place + step + offers.found.length) % offers.found.length;
  else if (event.key === "Escape") app.offers = null;
  else if (event.key === "Enter" || event.key === "Tab") take(app, event.target, offers.found[offers.place].key, type);
  else return;
  event.preventDefault();
  app.draw();
}

function take(app, box, key, type) {
  const before = box.value.slice(0, box.selectionStart).replace(WORD, "") + nameOf(key);
  box.value = before + box.value.slice(box.selectionStart);
  box.selectionStart = box.selectionEnd = before.length;
  app.offers = null;
  type({ target: box });
  app.offers = null;
  app.draw();
}
