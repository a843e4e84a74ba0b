// <notebook-page>: what is around the editors.
class NotebookPage extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form#notebook"); // a job under way has a form of its own, to cancel it
    this.cells = this.querySelector("#cells");
    this.state = document.querySelector("[data-save-state]");
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("cell-run", (event) => this.run(event.target.closest(".cell")));
    this.form.addEventListener("input", () => this.typed());
    this.form.addEventListener("draft-fill", ({ detail }) => this.hold(detail.cell?.length ?? 1));
    this.form.addEventListener("submit", ({ submitter }) => (this.act = submitter?.value ?? "save"), { capture: true });
    this.form.addEventListener("htmx:afterRequest", (event) => this.answered(event));
    this.form.addEventListener("htmx:configRequest", (event) => this.address(event));
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  clicked({ target }) {
    const cell = target.closest(".cell");
    if (target.closest("[data-add-cell]")) this.add();
    else if (target.closest("[data-run-cell]")) this.run(cell);
    else if (target.closest("[data-remove-cell]")) this.remove(cell);
  }

  pressed(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    this.form.requestSubmit(document.querySelector("button[form=notebook][value=save]"));
  }

  append() {
    this.cells.append(this.querySelector("#new-cell").content.cloneNode(true));
    this.number();
  }

  /** As many cells as a draft has, before its texts are put back into them. */
  hold(count) {
    while (this.cells.children.length < count) this.append();
    while (this.cells.children.length > Math.max(count, 1)) this.cells.lastElementChild.remove();
  }

  add() {
    this.append();
    this.cells.lastElementChild.querySelector("code-cell").focus();
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  remove(cell) {
    if (this.cells.children.length === 1) this.add();
    const next = cell.nextElementSibling ?? cell.previousElementSibling;
    cell.remove();
    this.number();
    next.querySelector("code-cell").focus();
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Fields and results are named by their place, as the server names them. */
  number() {
    [...this.cells.children].forEach((cell, place) => {
      cell.querySelector("textarea").id = `cell-${place}`;
      cell.querySelector("label").htmlFor = `cell-${place}`;
      cell.querySelector(".cell-result").id = `result-${place}`;
    });
  }

  run(cell) {
    this.until = [...this.cells.children].indexOf(cell) + 1;
    this.form.requestSubmit(document.querySelector("button[form=notebook][value=run]"));
  }

  /** What the button pressed asks for: the form may have been held back to check the session, and lost its button. */
  address(event) {
    if (event.target !== this.form) return;
    event.detail.parameters.set("act", this.act);
    if (this.until) event.detail.parameters.set("until", this.until);
    this.until = 0;
    this.unsaved = false;
  }

  typed() {
    this.unsaved = true;
    this.say(gettext("Not saved yet"));
  }

  /** The answer to a save, and not the results that are asked for while a run lives; what was typed since isn't saved. */
  answered({ target, detail }) {
    const saved = this.form.querySelector("#answer [data-saved]");
    if (target === this.form && detail.successful && saved && !this.unsaved) this.say(saved.dataset.saved);
  }

  say(text) {
    if (this.state) this.state.textContent = text;
  }
}

customElements.define("notebook-page", NotebookPage);
