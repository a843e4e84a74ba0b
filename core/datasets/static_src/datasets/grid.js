/* The dictionary as a grid: lines by the arrows and Enter, the cell above by Ctrl+D, blocks by paste. Without it, a form. */

const CELL = "input:not([type=hidden]), select, textarea";

class DictionaryGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.move(event));
    this.addEventListener("paste", (event) => this.paste(event));
  }

  place(cell) {
    const row = cell.closest("tr");
    return { row, index: [...row.querySelectorAll(CELL)].indexOf(cell) };
  }

  cellAt(row, index) {
    return row?.querySelectorAll(CELL)[index];
  }

  move(event) {
    if (!event.target.matches?.(CELL)) return;
    const { row, index } = this.place(event.target);
    const above = this.cellAt(row.previousElementSibling, index);
    if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (above) this.set(event.target, above.value);
      return;
    }
    const down = this.step(event);
    if (!down) return;
    const next = down > 0 ? this.cellAt(row.nextElementSibling, index) : above;
    event.preventDefault();
    next?.focus();
    next?.select?.();
  }

  /* In a text of several lines and in a choice the plain arrows keep their own work: Ctrl goes to the next line. */
  step({ key, target, shiftKey, ctrlKey }) {
    const own = target.matches("textarea, select") && !ctrlKey;
    if (key === "ArrowDown" && !own) return 1;
    if (key === "ArrowUp" && !own) return -1;
    if (key === "Enter" && !target.matches("textarea")) return shiftKey ? -1 : 1;
    return 0;
  }

  paste(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text.includes("\t") && !(text.trim().includes("\n") && !event.target.matches("textarea"))) return;
    event.preventDefault();
    let { row, index } = this.place(event.target);
    for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) {
      line.split("\t").forEach((value, shift) => {
        const cell = this.cellAt(row, index + shift);
        if (cell) this.set(cell, value.trim());
      });
      row = row?.nextElementSibling;
    }
  }

  set(cell, value) {
    if (cell.matches("select")) {
      const wanted = value.toLowerCase();
      const option = [...cell.options].find((one) => one.value === value || one.text.toLowerCase() === wanted);
      if (!option) return;
      cell.value = option.value;
    } else cell.value = value;
    cell.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("dictionary-grid", DictionaryGrid);
