// Keeps the drawing in step with the answer, the width of its place and the theme of the page.
const TIP_SPACE = 14;

export class Drawing {
  constructor(page) {
    this.page = page;
    this.tip = document.createElement("div");
    this.tip.className = "chart-tip";
    this.tip.hidden = true;
    document.body.append(this.tip);
    this.sized = new ResizeObserver(() => this.again());
    this.themed = new MutationObserver(() => this.again());
    this.themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  }

  /** Draw if there is something new to draw. */
  follow() {
    const place = this.page.querySelector("[data-drawing]");
    const specification = this.page.answer?.chart.specification;
    if (place === this.place && specification === this.specification) return;
    if (place !== this.place) {
      this.sized.disconnect();
      if (place) this.sized.observe(place);
    }
    this.place = place;
    this.specification = specification;
    this.width = undefined;
    if (place && specification) this.again(true);
  }

  async again(anyway = false) {
    if (!this.place || !this.specification) return;
    if (!anyway && this.place.clientWidth === this.width && this.theme === document.documentElement.dataset.bsTheme) return;
    this.width = this.place.clientWidth;
    this.theme = document.documentElement.dataset.bsTheme;
    const turn = (this.turn = Symbol("drawing"));
    const { draw } = await import("./chart.js");
    if (turn !== this.turn) return;
    this.away?.();
    this.away = await draw(this.specification, this.place, (event, text) => this.show(event, text));
  }

  show(event, text) {
    this.tip.hidden = !text;
    if (!text) return;
    this.tip.textContent = text;
    const { clientX, clientY } = event;
    const { width, height } = this.tip.getBoundingClientRect();
    const left = clientX + TIP_SPACE + width > innerWidth ? clientX - TIP_SPACE - width : clientX + TIP_SPACE;
    this.tip.style.setProperty("left", `${Math.max(4, left)}px`);
    this.tip.style.setProperty("top", `${Math.max(4, Math.min(clientY + TIP_SPACE, innerHeight - height - 4))}px`);
  }

  end() {
    this.away?.();
    this.sized.disconnect();
    this.themed.disconnect();
    this.tip.remove();
  }
}
