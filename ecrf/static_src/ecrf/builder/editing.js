// What the author does to the form: add, move, copy, delete. How it looks is in element.js.
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { free, get, insert, items, keys, kindOf, move, remove, slug } from "./data.js";
import { bringIn, copies } from "./insert.js";
import { ask } from "./saving.js";
import { made } from "./types.js";

const CLIP = "ecrf:clip";
const order = (paths) => [...paths].sort((a, b) => a.map((part) => String(part).padStart(6, "0")).join(".").localeCompare(b.map((part) => String(part).padStart(6, "0")).join(".")));

export class Editing extends HTMLElement {
  /** Where something new goes: after the selected question, at the end of the selected section or page. */
  spot() {
    const path = this.selection.at(-1);
    if (path && kindOf(path) === "item") return { list: path.slice(0, -1), place: path.at(-1) + 1 };
    if (path && kindOf(path) === "group") return { list: [...path, "items"], place: get(this.data, path).items.length };
    const page = this.data.pages[this.pageNumber()];
    if (!page) return null;
    const list = ["pages", this.pageNumber(), "groups", page.groups.length - 1, "items"];
    return { list, place: page.groups.at(-1)?.items.length ?? 0 };
  }

  addItem(kind) {
    this.closeDialog();
    let { data } = this;
    if (!data.pages.length) data = insert(data, ["pages"], 0, this.newPage(data));
    const here = this.data.pages.length ? this.spot() : { list: ["pages", 0, "groups", 0, "items"], place: 0 };
    if (here.list[3] < 0) {
      data = insert(data, here.list.slice(0, 3), 0, { items: [] });
      here.list[3] = 0;
    }
    const spec = made(kind, free("question", keys(data)), data.languages);
    this.change(gettext("New question"), insert(data, here.list, here.place, spec));
    this.select([...here.list, here.place]);
    this.editLabel();
  }

  newPage(data) {
    const taken = new Set(data.pages.map((page) => page.key.toLowerCase()));
    return { key: free("page", taken), title: {}, groups: [{ items: [] }] };
  }

  addGroup() {
    this.closeDialog();
    if (!this.data.pages.length) return this.addPage();
    const path = this.selection.at(-1);
    const page = ["pages", this.pageNumber(), "groups"];
    const place = path && kindOf(path) !== "page" ? path[3] + 1 : get(this.data, page).length;
    this.change(gettext("New section"), insert(this.data, page, place, { title: {}, items: [] }));
    this.select([...page, place]);
    return this.editLabel();
  }

  addPage() {
    this.closeDialog();
    const place = this.data.pages.length ? this.pageNumber() + 1 : 0;
    const page = this.newPage(this.data);
    this.open.add(page.key);
    this.change(gettext("New page"), insert(this.data, ["pages"], place, page));
    this.select(["pages", place]);
    this.editLabel();
  }

  /** Insert pages of the library or of another form. */
  async bring(query) {
    let answer;
    try {
      answer = await ask(`${this.urls.library}?${query}`);
    } catch {
      answer = null;
    }
    this.closeDialog();
    if (!answer?.ok) {
      toast(gettext("The pages couldn’t be read: try again."), "error");
      return;
    }
    const place = this.data.pages.length ? this.pageNumber() + 1 : 0;
    const { data, changed, pages } = bringIn(this.data, answer.said, place);
    for (const page of pages) this.open.add(page.key);
    this.change(gettext("Pages inserted"), data);
    this.select(["pages", place]);
    const words = interpolate(ngettext("%s page inserted", "%s pages inserted", pages.length), [pages.length]);
    const renamed = changed ? ` ${interpolate(ngettext("%s key was taken and has another name.", "%s keys were taken and have other names.", changed), [changed])}` : "";
    toast(words + (renamed ? `.${renamed}` : ""), "success");
  }

  removeSelected() {
    if (!this.selection.length) return;
    const paths = order(this.selection);
    const next = paths.toReversed().reduce((data, path) => remove(data, path), this.data);
    const kind = kindOf(paths[0]);
    this.change(gettext("Deletion"), kind === "page" ? this.withoutPages(next, paths) : next);
    const list = paths[0].slice(0, -1);
    const left = get(this.data, list)?.length ?? 0;
    if (left) this.select([...list, Math.min(paths[0].at(-1), left - 1)], { focus: true });
    else this.selectAll(list.length > 1 ? [list.slice(0, -1)] : [], list.slice(0, -1), true);
    this.announce(interpolate(ngettext("%s part deleted. Undo brings it back.", "%s parts deleted. Undo brings them back.", paths.length), [paths.length]));
  }

  /** Visits forget pages that are gone. */
  withoutPages(data, paths) {
    const gone = new Set(paths.map((path) => get(this.data, path).key));
    if (!data.events) return data;
    const rest = (list) => list?.filter((key) => !gone.has(key));
    return { ...data, events: data.events.map((event) => ({ ...event, pages: rest(event.pages), ...(event.repeating_pages ? { repeating_pages: rest(event.repeating_pages) } : {}) })) };
  }

  copy() {
    const parts = order(this.selection).map((path) => get(this.data, path));
    if (!parts.length) return false;
    sessionStorage.setItem(CLIP, JSON.stringify({ kind: kindOf(this.selection[0]), parts }));
    this.announce(interpolate(ngettext("%s part copied", "%s parts copied", parts.length), [parts.length]));
    return true;
  }

  cut() {
    if (this.copy()) this.removeSelected();
  }

  paste() {
    const clip = JSON.parse(sessionStorage.getItem(CLIP) ?? "null");
    if (clip) this.put(clip.kind, clip.parts, gettext("Paste"));
  }

  duplicate() {
    if (this.selection.length) this.put(kindOf(this.selection[0]), order(this.selection).map((path) => get(this.data, path)), gettext("Duplicate"));
  }

  put(kind, parts, label) {
    if (kind === "item") {
      const here = this.spot();
      if (!here) return;
      this.change(label, insert(this.data, here.list, here.place, ...copies(this.data, parts)));
      this.selectAll(parts.map((_, place) => [...here.list, here.place + place]), [...here.list, here.place], true);
    } else if (kind === "page") {
      const place = this.data.pages.length ? this.pageNumber() + 1 : 0;
      const { data, pages } = bringIn(this.data, { pages: structuredClone(parts) }, place);
      for (const page of pages) this.open.add(page.key);
      this.change(label, data);
      this.select(["pages", place], { focus: true });
    } else {
      const list = ["pages", this.pageNumber(), "groups"];
      const place = kindOf(this.selection.at(-1) ?? []) === "page" ? get(this.data, list).length : this.selection.at(-1)[3] + 1;
      const made_ = [];
      let data = this.data;
      for (const part of parts) {
        const group = { ...structuredClone(part), items: copies(data, part.items) };
        if (group.repeat) group.repeat = { ...group.repeat, key: free(group.repeat.key, keys(data)) };
        data = insert(data, list, place + made_.length, group);
        made_.push(group);
      }
      this.change(label, data);
      this.select([...list, place], { focus: true });
    }
  }

  /** Move what is selected one step, across sections and pages. */
  shift(by) {
    if (!this.selection.length) return;
    const paths = order(this.selection);
    const kind = kindOf(paths[0]);
    const edge = by < 0 ? paths[0] : paths.at(-1);
    const list = edge.slice(0, -1);
    const to = edge.at(-1) + by;
    if (to >= 0 && to < get(this.data, list).length) return this.moveTo(paths, list, by < 0 ? to : to + 1);
    const next = kind === "page" ? null : this.neighbour(list, by, kind);
    if (!next) return this.announce(by < 0 ? gettext("This is the first place.") : gettext("This is the last place."));
    return this.moveTo(paths, next, by < 0 ? get(this.data, next).length : 0);
  }

  /** The list before or after this one, of the same kind. */
  neighbour(list, by, kind) {
    const all = [];
    for (const [p, page] of this.data.pages.entries()) {
      if (kind === "group") all.push(["pages", p, "groups"]);
      else for (const g of page.groups.keys()) all.push(["pages", p, "groups", g, "items"]);
    }
    return all[all.findIndex((one) => one.join(".") === list.join(".")) + by];
  }

  /** Put what is dragged where it was let go. */
  drop(path, target, after) {
    const paths = this.selection.some((one) => one.join(".") === path.join(".")) ? order(this.selection) : [path];
    const [kind, onto] = [kindOf(path), kindOf(target)];
    if (kind === onto) this.moveTo(paths, target.slice(0, -1), target.at(-1) + (after ? 1 : 0));
    else if (kind === "item" && onto === "group") this.moveTo(paths, [...target, "items"], after ? 0 : get(this.data, target).items.length);
    else if (onto === "page") {
      const page = get(this.data, target);
      if (kind === "group") this.moveTo(paths, [...target, "groups"], page.groups.length);
      else if (page.groups.length) this.moveTo(paths, [...target, "groups", page.groups.length - 1, "items"], page.groups.at(-1).items.length);
    }
  }

  moveTo(paths, list, place) {
    const { data, moved } = move(this.data, paths, list, place);
    this.change(gettext("Move"), data);
    for (const path of moved) this.open.add(this.data.pages[path[1]].key);
    this.selectAll(moved, moved.at(-1), true);
    const at = moved[0];
    if (!at) return;
    const all = get(this.data, at.slice(0, -1)).length;
    const page = this.text(this.data.pages[at[1]].title) || this.data.pages[at[1]].key;
    this.announce(interpolate(gettext("%(place)s of %(all)s on page %(page)s"), { place: at.at(-1) + 1, all, page }, true));
  }

  /** Whether a key still follows its label: nobody chose it, and no data stand under it. */
  derives(key, texts, first, kind = "item") {
    if (kind === "item" ? this.published.has(key) : this.publishedPages.has(key)) return false;
    const text = texts?.[first] ?? "";
    const plain = key.replace(/_\d+$/, "");
    return /^(question|page)(_\d+)?$/.test(key) || slug(text) === key || slug(text) === plain;
  }

  labelOf(key) {
    const page = this.data.pages.find((one) => one.key === key);
    const item = [...items(this.data)].find((one) => one.item.key === key)?.item;
    return this.text(item?.label ?? page?.title) || key;
  }
}

