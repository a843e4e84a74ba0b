// The pages of a form: which there are, what they ask now, and the way from one to another.
import { pagesOf } from "../engine/definition.js";
import { Changing } from "./changing.js";

export class Paging extends Changing {
  pages() {
    const { event, page: copyOf } = this.data.context;
    return pagesOf(this.compiled, event, copyOf).filter((page) => this.shownGroups(page).length);
  }

  /** The groups of a page that ask something now; of one asked in rows, its rows. */
  shownGroups(page) {
    return page.groups.map((group) => (group.repeat ? this.rowsOf(group) : this.questionsOf(group))).filter(Boolean);
  }

  questionsOf(group) {
    const specs = group.items.filter((spec) => this.state.visible.has(spec.key) && !spec.hidden);
    return specs.length ? { group, specs } : null;
  }

  rowsOf(group) {
    if (!this.state.open.has(group)) return null;
    const { key } = group.repeat;
    const rows = this.rows(key).map((_, number) =>
      group.items
        .map((spec) => ({ ...spec, key: `${key}[${number}].${spec.key}` }))
        .filter((spec) => this.state.visible.has(spec.key) && !spec.hidden),
    );
    return { group, rows };
  }

  rememberPage(key) {
    if (this.data.complete.includes(key)) this.asked.add(key);
  }

  go(key, push = true) {
    if (!this.pages().some((page) => page.key === key)) return;
    this.page = key;
    if (push && this.isAddressed) history.pushState({}, "", `?page=${key}`);
    this.draw();
    this.querySelector("[data-page-title]")?.focus();
    this.scrollIntoView({ block: "start" });
    this.showStep();
  }

  /** On a narrow screen the pages are a strip: bring the present one into sight. */
  showStep() {
    const list = this.querySelector(".steps-nav ol");
    const step = list?.querySelector("[aria-current]");
    if (step) list.scrollLeft = step.offsetLeft - list.offsetLeft - 16;
  }
}
