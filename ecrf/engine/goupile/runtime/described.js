// What a page script made, as data: the evaluated form, the same on the server and in a browser.

import { textOf } from "./markup.js";
import { plain } from "./stored.js";

const TEXTS = ["help", "prefix", "suffix"];
const FLAGS = ["mandatory", "disabled", "readonly", "wide", "compact", "public"];
const MISSING = new Set(["nsp", "na", "nd"]);

/** Statuses and comments let faults through, and say tags. Gives what stays of the notes. */
export function annotated(widgets, state) {
  const notes = {};
  for (const widget of widgets) {
    const id = widget.key.id;
    const note = { ...state.notes[id] };
    const tags = [];
    const error = widget.errors.some((one) => !one.delay && one.code !== "required");
    const allowed = widget.options.annotate !== false;
    const let_through = () => widget.errors.forEach((one) => Object.assign(one, { block: false, waived: true }));
    const missing = MISSING.has(note.status) || (note.status && note.status !== "wait" && note.status !== "check");
    if (missing && !widget.missing) delete note.status;
    if (state.locked || note.locked) widget.options.readonly = true;
    if (note.locked) tags.push("locked");
    if (allowed && (note.status || (note.comment ?? "").trim())) {
      if (note.status === "wait" || note.status === "check") tags.push(note.status);
      else if (note.status) {
        tags.push("na");
        widget.errors = widget.errors.filter((one) => one.code !== "required");
      }
      let_through();
    }
    if (!note.status && widget.missing && widget.options.mandatory && (state.saved || widget.errors.some((one) => !one.delay))) tags.push("incomplete");
    if (error) tags.push("error");
    widget.node.tags = tags;
    if (Object.keys(note).length) notes[id] = note;
  }
  return notes;
}

/** The widgets as a tree. Reading a help or a suffix may call the script once more, so it stands inside its limits. */
export function tree(widgets, kit, hidden = false) {
  return widgets.map((widget) => {
    const { options, node } = widget;
    const made = { ...node, visible: !hidden && !options.hidden };
    if (widget.key) {
      made.key = widget.key.name;
      made.value = plain(widget.value);
      made.missing = widget.missing;
      for (const name of TEXTS) {
        const said = kit.said(options[name], widget.value);
        if (said) made[name] = said;
      }
      if (options.placeholder) made.placeholder = textOf(options.placeholder);
      for (const name of FLAGS) if (options[name]) made[name] = true;
      made.annotate = options.annotate !== false;
      if (options.columns) made.columns = Number(options.columns);
      const tags = [options.tags].flat().filter((tag) => tag?.key ?? tag);
      if (tags.length) made.labels = tags.map((tag) => ({ key: String(tag.key ?? tag), label: textOf(tag.label ?? tag.key ?? tag) }));
      if (widget.props) made.choices = widget.choices;
      for (const name of ["min", "max"]) if (made[name] !== undefined) made[name] = plain(made[name]);
      made.errors = widget.errors.map((error) => shownError(error));
    }
    for (const name of Object.keys(made)) if (made[name] === undefined || made[name] === null) delete made[name];
    if (widget.children) made.children = tree(widget.children, kit, !made.visible);
    return made;
  });
}

const shownError = (error) => ({
  message: error.msg,
  code: error.code,
  block: error.block,
  delay: error.declared,
  shown: !error.delay,
  ...(error.waived ? { waived: true } : {}),
});

/** Every fault of the page, in the order of the form. */
export const errorsOf = (widgets) => widgets.flatMap((widget) => widget.errors.map((error) => ({ path: widget.key.id, key: widget.key.name, ...shownError(error) })));
