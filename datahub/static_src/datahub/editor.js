// <code-cell>: the textarea inside becomes a Python editor. It lives in a shadow root, where its style sheets are
// adopted and not injected, as our content policy asks; the textarea stays the field of the form.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "0.9375rem" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-soft)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--accent-tint)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--running-tint)",
  },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--tool-lowcode)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--done)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--running)" },
  { tag: tags.comment, color: "var(--ink-soft)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.className], color: "var(--accent)" },
]);

class CodeCell extends HTMLElement {
  connectedCallback() {
    if (this.view) return;
    this.field = this.querySelector("textarea");
    const root = this.attachShadow({ mode: "open" });
    const writable = !this.field.readOnly;
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: this.field.value,
        extensions: [
          keymap.of([{ key: "Shift-Enter", run: () => this.ask("run") }, { key: "Escape", run: () => this.leave() }]),
          keymap.of([indentWithTab, ...defaultKeymap, ...historyKeymap]),
          history(),
          lineNumbers(),
          drawSelection(),
          highlightActiveLine(),
          bracketMatching(),
          indentOnInput(),
          indentUnit.of("    "),
          python(),
          syntaxHighlighting(colours),
          look,
          EditorState.readOnly.of(!writable),
          EditorView.editable.of(writable),
          EditorView.contentAttributes.of({ "aria-label": this.querySelector("label").textContent }),
          EditorView.updateListener.of((update) => update.docChanged && this.write()),
        ],
      }),
    });
    this.field.addEventListener("change", () => this.read());
    document.fonts.ready.then(() => this.view.requestMeasure());
  }

  /** From the editor into the form's field, so that what is sent and what is kept as a draft is what one sees. */
  write() {
    this.field.value = this.view.state.doc.toString();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** From the field into the editor, when a draft was put back. */
  read() {
    const text = this.view.state.doc.toString();
    if (text !== this.field.value) this.view.dispatch({ changes: { from: 0, to: text.length, insert: this.field.value } });
  }

  ask(act) {
    this.dispatchEvent(new CustomEvent(`cell-${act}`, { bubbles: true }));
    return true;
  }

  /** Tab indents, so Escape gives the keyboard back to the page. */
  leave() {
    this.closest(".cell").querySelector("button")?.focus();
    return true;
  }

  focus() {
    this.view.focus();
  }
}

customElements.define("code-cell", CodeCell);
