// The outline: pages, sections and questions as one list that is gone through, ordered and searched by keyboard and pointer.
import { html, nothing } from "lit-html";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { kindOf } from "./data.js";
import { typeOf } from "./types.js";

const same = (a, b) => a.join(".") === b.join(".");

/** What the outline shows now: one row per page, section and question. */
export function rows(app) {
  const words = app.search.trim().toLowerCase();
  const fits = (part) => !words || [part.key, ...Object.values(part.label ?? part.title ?? {})].some((text) => String(text ?? "").toLowerCase().includes(words));
  const found = [];
  for (const [p, page] of app.data.pages.entries()) {
    const path = ["pages", p];
    const inside = [];
    for (const [g, group] of page.groups.entries()) {
      const groupPath = [...path, "groups", g];
      const named = page.groups.length > 1 || group.title || group.repeat || group.matrix || group.visible_if;
      const its = group.items.map((item, i) => ({ kind: "item", path: [...groupPath, "items", i], part: item, level: named ? 3 : 2 })).filter(({ part }) => fits(part));
      if (named && (!words || its.length || fits(group))) inside.push({ kind: "group", path: groupPath, part: group, level: 2, number: g + 1 });
      inside.push(...its);
    }
    if (words && !inside.some((row) => row.kind === "item") && !fits(page)) continue;
    const open = Boolean(words) || app.open.has(page.key);
    found.push({ kind: "page", path, part: page, level: 1, open, count: page.groups.reduce((sum, group) => sum + group.items.length, 0) });
    if (open) found.push(...inside);
  }
  return found;
}

function label(app, row) {
  if (row.kind === "group") return app.text(row.part.title) || interpolate(gettext("Section %s"), [row.number]);
  if (row.kind === "page") return app.text(row.part.title) || row.part.key;
  return app.text(row.part.label) || row.part.key;
}

const sign = (row) => (row.kind === "page" ? icon("file-text") : row.kind === "group" ? icon(row.part.repeat ? "repeat" : "section") : typeOf(row.part).icon.cloneNode(true));

export function outline(app) {
  const shown = rows(app);
  const current = app.selection.at(-1) ?? [];
  return html`<div class="outline">
    <div class="outline-head">
      <label class="visually-hidden" for="outline-search">${gettext("Search in the form")}</label>
      <input class="form-control" id="outline-search" type="search" placeholder=${gettext("Search in the form")} autocomplete="off" .value=${app.search} @input=${(event) => app.look({ search: event.target.value })} />
      <button class="btn btn-primary" type="button" id="add" @click=${() => app.openInsert()}>${icon("plus")}${gettext("Add")}</button>
    </div>
    <div class="tree" role="tree" aria-label=${gettext("Outline of the form")} aria-multiselectable="true" @keydown=${(event) => onKey(app, event)} @pointerdown=${(event) => grab(app, event)}>
      ${shown.map((row) => {
        const selected = app.selection.some((path) => same(path, row.path));
        const marks = app.marksAt(row.path);
        return html`<div
          class="tree-row row-${row.kind}${selected ? " is-selected" : ""}${row.part.retired ? " is-retired" : ""}"
          role="treeitem"
          tabindex=${same(row.path, current) || (!current.length && row === shown[0]) ? "0" : "-1"}
          aria-level=${row.level}
          aria-selected=${selected ? "true" : "false"}
          aria-expanded=${row.kind === "page" ? String(row.open) : nothing}
          data-path=${row.path.join(".")}
          @click=${(event) => pick(app, row, event)}
        >
          ${row.kind === "page"
            ? html`<span class="row-fold" data-fold aria-hidden="true">${icon(row.open ? "chevron-down" : "chevron-right")}</span>`
            : html`<span class="row-grip" data-grip aria-hidden="true">${icon("grip-vertical")}</span>`}
          ${sign(row)}<span class="row-name">${label(app, row)}</span>
          ${row.kind === "page" ? html`<span class="cell-count">${row.count}</span>` : nothing}
          ${row.part.visible_if ? html`<span class="row-mark" title=${gettext("Shown on a condition")}>${icon("eye")}<span class="visually-hidden">, ${gettext("shown on a condition")}</span></span>` : nothing}
          ${marks.comments ? html`<span class="row-mark">${icon("message")}<span class="visually-hidden">, ${gettext("has comments")}</span></span>` : nothing}
          ${marks.problems ? html`<span class="row-mark is-problem">${icon("alert-triangle")}<span class="visually-hidden">, ${gettext("has a problem")}</span></span>` : nothing}
        </div>`;
      })}
      ${shown.length ? nothing : html`<p class="outline-none">${app.search ? gettext("Nothing is called that.") : gettext("No page yet: add one.")}</p>`}
    </div>
    <p class="outline-foot">${gettext("Alt and arrows move, ? shows all keys")}</p>
  </div>`;
}

function pick(app, row, event) {
  if (event.target.closest("[data-fold]")) {
    app.fold(row.part.key);
    return;
  }
  if (event.ctrlKey || event.metaKey) app.selectMore(row.path);
  else if (event.shiftKey) selectTo(app, row.path);
  else app.select(row.path);
}

/** All rows of the same kind between the selected one and this. */
function selectTo(app, path) {
  const shown = rows(app).filter((row) => row.kind === kindOf(path));
  const [from, to] = [app.selection[0] ?? path, path].map((one) => shown.findIndex((row) => same(row.path, one)));
  if (from < 0) app.select(path);
  else app.selectAll(shown.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.path), path);
}

function onKey(app, event) {
  const shown = rows(app);
  const place = shown.findIndex((row) => row.path.join(".") === event.target.dataset.path);
  const row = shown[place];
  if (!row) return;
  const command = event.ctrlKey || event.metaKey;
  const go = (to) => to && app.select(to.path, { focus: true });
  const acts = {
    ArrowDown: () => (event.altKey ? app.shift(1) : event.shiftKey ? shown[place + 1] && selectTo(app, shown[place + 1].path) : go(shown[place + 1])),
    ArrowUp: () => (event.altKey ? app.shift(-1) : event.shiftKey ? shown[place - 1] && selectTo(app, shown[place - 1].path) : go(shown[place - 1])),
    ArrowRight: () => (row.kind === "page" && !row.open ? app.fold(row.part.key) : go(shown[place + 1])),
    ArrowLeft: () => (row.kind === "page" && row.open ? app.fold(row.part.key) : go(shown.slice(0, place).findLast((one) => one.level < row.level))),
    Home: () => go(shown[0]),
    End: () => go(shown.at(-1)),
    Enter: () => app.editLabel(),
    F2: () => app.editLabel(),
    Delete: () => app.removeSelected(),
    Backspace: () => app.removeSelected(),
    Insert: () => app.openInsert(),
  };
  const commands = { c: () => app.copy(), x: () => app.cut(), v: () => app.paste(), d: () => app.duplicate(), a: () => app.selectAll(shown.filter((one) => one.kind === row.kind).map((one) => one.path), row.path) };
  const act = command ? commands[event.key.toLowerCase()] : acts[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

// Dragging: the row follows the pointer, a line shows where it would stand.

function grab(app, event) {
  const handle = event.target.closest("[data-grip], .row-page");
  const row = event.target.closest(".tree-row");
  if (!handle || !row || event.button !== 0) return;
  const from = { x: event.clientX, y: event.clientY };
  const path = parse(row.dataset.path);
  const tree = event.currentTarget;
  let aim = null;
  const follow = (moved) => {
    if (!aim && Math.hypot(moved.clientX - from.x, moved.clientY - from.y) < 5) return;
    if (!aim && !app.selection.some((one) => same(one, path))) app.select(path);
    const edge = tree.getBoundingClientRect();
    if (moved.clientY < edge.top + 30) tree.scrollTop -= 12;
    if (moved.clientY > edge.bottom - 30) tree.scrollTop += 12;
    mark(tree, (aim = aimAt(app, path, moved, edge) ?? { none: true }));
  };
  const end = (moved) => {
    removeEventListener("pointermove", follow);
    removeEventListener("pointerup", end);
    removeEventListener("pointercancel", end);
    mark(tree, null);
    if (moved.type === "pointerup" && aim && !aim.none) app.drop(path, aim.path, aim.after);
  };
  addEventListener("pointermove", follow);
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
  if (event.pointerType !== "mouse") event.preventDefault();
}

export const parse = (text) => text.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));

function aimAt(app, path, event, edge) {
  const x = Math.min(Math.max(event.clientX, edge.left + 4), edge.right - 4);
  const over = document.elementFromPoint(x, event.clientY)?.closest(".tree-row");
  if (!over) return null;
  const target = parse(over.dataset.path);
  const shape = over.getBoundingClientRect();
  const after = event.clientY > shape.top + shape.height / 2;
  const kind = kindOf(path);
  const onto = kindOf(target);
  if (kind === "page" && onto !== "page") return null;
  if (kind === "group" && onto === "item") return null;
  return { path: target, after, element: over };
}

function mark(tree, aim) {
  for (const row of tree.querySelectorAll(".is-before, .is-after")) row.classList.remove("is-before", "is-after");
  tree.classList.toggle("is-dragging", Boolean(aim));
  aim?.element?.classList.add(aim.after ? "is-after" : "is-before");
}
