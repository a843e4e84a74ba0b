// <ecrf-text>: the definition as text. What can be read becomes the form at once; what can't is said with its line.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { written } from "./lines.js";

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
]);

const json = StreamLanguage.define({
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^"(?:[^"\\]|\\.)*"(?=\s*:)/)) return "propertyName";
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^-?\d+(?:\.\d+)?/)) return "number";
    if (stream.match(/^(?:true|false|null)\b/)) return "bool";
    stream.next();
    return null;
  },
});

/** Whether a text that can be read has the frame of a definition, without which nothing can be shown. */
const framed = (data) =>
  data && typeof data === "object" && Array.isArray(data.languages) && data.languages.length && Array.isArray(data.pages) &&
  data.pages.every((page) => page && typeof page === "object" && typeof page.key === "string" && Array.isArray(page.groups) &&
    page.groups.every((group) => group && Array.isArray(group.items) && group.items.every((item) => item && typeof item.key === "string" && typeof item.type === "string")));

class Text extends HTMLElement {
  load(app) {
    this.app = app;
    if (!this.view) this.open();
    if (app.data === this.source) return;
    this.source = app.data;
    const { text, places } = written(app.data);
    this.places = places;
    const now = this.view.state.doc.toString();
    if (now !== text) {
      this.filling = true;
      this.view.dispatch({ changes: { from: 0, to: now.length, insert: text } });
      this.filling = false;
    }
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
          json,
          syntaxHighlighting(colours),
          look,
          EditorView.contentAttributes.of({ "aria-label": gettext("The form as text") }),
          EditorView.updateListener.of((update) => update.docChanged && !this.filling && this.typed()),
        ],
      }),
    });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(":host { display: block; min-height: 0; height: 100%; } .cm-editor { height: 100%; }");
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), PAUSE);
  }

  read() {
    let data;
    try {
      data = JSON.parse(this.view.state.doc.toString());
    } catch (error) {
      const line = /line (\d+)/.exec(error.message)?.[1] ?? this.lineAt(Number(/position (\d+)/.exec(error.message)?.[1] ?? 0));
      this.app.textFault(interpolate(gettext("Line %s can’t be read: a quote, a comma or a bracket is missing or too many."), [line]), Number(line));
      return;
    }
    if (!framed(data)) {
      this.app.textFault(gettext("This text isn’t a form: it needs languages, and pages with groups of items that have a key and a type."), 1);
      return;
    }
    this.app.textFault("", 0);
    this.source = data;
    this.places = written(data).places;
    this.app.change(gettext("Change of the text"), data, "text");
  }

  lineAt(position) {
    const { doc } = this.view.state;
    return doc.lineAt(Math.min(position, doc.length)).number;
  }

  goTo(line) {
    const { doc } = this.view.state;
    const { from } = doc.line(Math.min(Math.max(1, line), doc.lines));
    this.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    this.view.focus();
  }
}

customElements.define("ecrf-text", Text);
