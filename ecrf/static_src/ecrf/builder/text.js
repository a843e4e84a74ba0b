// <ecrf-text>: the form as text, beside its live view. What can be read becomes the form; what can't is said with its line.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { lineOf, written } from "./lines.js";
import { ask } from "./saving.js";

const PAUSE = 700;

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "0.9375rem", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { overflow: "auto" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-soft)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--accent-tint)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--running-tint)" },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--done)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--running)" },
  { tag: tags.comment, color: "var(--ink-soft)", fontStyle: "italic" },
]);

/** Colours for both spellings: names before a colon, texts in quotes, numbers. */
const spelling = StreamLanguage.define({
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return "comment";
    if (stream.match(/^"(?:[^"\\]|\\.)*"(?=\s*:)/) || stream.match(/^[A-Za-z0-9_.-]+(?=:(?:\s|$))/)) return "propertyName";
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^']|'')*'?/)) return "string";
    if (stream.match(/^-?\d+(?:\.\d+)?(?![\w-])/)) return "number";
    if (stream.match(/^(?:true|false|null)\b/)) return "bool";
    stream.match(/^\w+/) || stream.next();
    return null;
  },
});

/** Whether what was read has the frame of a definition, without which nothing can be shown. */
const framed = (data) =>
  data && typeof data === "object" && Array.isArray(data.languages) && data.languages.length && Array.isArray(data.pages) &&
  data.pages.every((page) => page && typeof page === "object" && typeof page.key === "string" && Array.isArray(page.groups) &&
    page.groups.every((group) => group && Array.isArray(group.items) && group.items.every((item) => item && typeof item.key === "string" && typeof item.type === "string")));

class Text extends HTMLElement {
  /** Show the form of the builder, unless it is what stands here already. */
  async load(app) {
    this.app = app;
    if (!this.view) this.open();
    if (app.data === this.source) return;
    this.source = app.data;
    let text = null;
    if (!app.problems.length) {
      const answer = await ask(app.urls.draft_text, { definition: app.data }).catch(() => null);
      if (this.source !== app.data) return;
      text = answer?.ok ? (answer.said.text ?? null) : null;
    }
    // what is unfinished, or far from the server, is shown by the names of the definition itself
    this.spelling = text === null ? "json" : "native";
    this.show(text ?? written(app.data).text);
    this.app.textSpelled(this.spelling);
  }

  show(text) {
    const now = this.view.state.doc.toString();
    if (now === text) return;
    this.filling = true;
    this.view.dispatch({ changes: { from: 0, to: now.length, insert: text } });
    this.filling = false;
  }

  open() {
    const root = this.attachShadow({ mode: "open" });
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        extensions: [
          keymap.of([{ key: "Escape", run: () => this.app.leaveText() }]),
          keymap.of([indentWithTab, ...defaultKeymap, ...historyKeymap]),
          history(),
          lineNumbers(),
          drawSelection(),
          highlightActiveLine(),
          bracketMatching(),
          indentUnit.of("  "),
          spelling,
          syntaxHighlighting(colours),
          look,
          EditorView.contentAttributes.of({ "aria-label": gettext("The form as text") }),
          EditorView.updateListener.of((update) => update.docChanged && !this.filling && this.typed()),
        ],
      }),
    });
    this.view.scrollDOM.tabIndex = 0;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(":host { display: block; min-height: 0; height: 100%; } .cm-editor { height: 100%; }");
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), PAUSE);
  }

  async read() {
    const text = this.view.state.doc.toString();
    const { data, problems } = this.spelling === "json" ? this.readJson(text) : await this.readNative(text);
    if (text !== this.view.state.doc.toString()) return;
    this.app.textFaults(problems);
    if (problems.length) return;
    this.source = data;
    this.app.change(gettext("Change of the text"), data, "text");
  }

  async readNative(text) {
    const answer = await ask(this.app.urls.draft_text, { text }).catch(() => null);
    if (!answer?.ok) return { problems: [{ line: 1, message: gettext("The server can’t be reached: the text is read when it is back.") }] };
    return { data: answer.said.definition, problems: answer.said.problems ?? [] };
  }

  readJson(text) {
    try {
      const data = JSON.parse(text);
      if (framed(data)) return { data, problems: [] };
      return { problems: [{ line: 1, message: gettext("This text isn’t a form: it needs languages, and pages with groups of items that have a key and a type.") }] };
    } catch (error) {
      const position = Number(/position (\d+)/.exec(error.message)?.[1] ?? 0);
      const line = this.view.state.doc.lineAt(Math.min(position, text.length)).number;
      return { problems: [{ line, message: gettext("A quote, a comma or a bracket is missing or too many.") }] };
    }
  }

  /** The line of a place of the definition, where the text is by its own names. */
  goToPlace(place) {
    if (this.spelling === "json") this.goTo(lineOf(written(this.source).places, place));
  }

  goTo(line) {
    const { doc } = this.view.state;
    const { from } = doc.line(Math.min(Math.max(1, line), doc.lines));
    this.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    this.view.focus();
  }
}

customElements.define("ecrf-text", Text);
