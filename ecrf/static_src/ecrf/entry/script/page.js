// A script page as it is drawn: the widgets that the script called, in its order, by the fields that native pages have.
import { html, nothing } from "lit-html";
import { icon } from "../../../../../core/web/static_src/web/icon.js";
import { placeOf, repeatOf } from "../../goupile/places.js";
import { field, idOf } from "../fields.js";

const TYPES = { text: "text", password: "text", number: "decimal", date: "date", month: "partial_date", time: "time", enum: "choice", multi: "choices", file: "file", calc: "text" };
const LOOKS = { lines: "lines", pin: "pin", secret: "secret", slider: "slider", radio: "radio", buttons: "buttons", list: "list", yesno: "yesno" };

/** A widget of the script as a question. */
function specOf(page, widget, at, words) {
  const spec = { key: at(widget.path), type: TYPES[widget.type], label: words(widget.label), annotate: widget.annotate };
  for (const name of ["help", "prefix", "suffix", "placeholder"]) if (widget[name] !== undefined) spec[name] = words(String(widget[name]));
  for (const name of ["rows", "columns", "seconds"]) if (widget[name]) spec[name] = widget[name];
  if (LOOKS[widget.look]) spec.look = LOOKS[widget.look];
  if (widget.decimals) spec.decimals = widget.decimals;
  if (widget.type === "number" && !widget.decimals) spec.type = "integer";
  for (const name of ["min", "max"]) if (typeof widget[name] === "number") spec[name] = ["number", String(widget[name])];
  if (widget.ticks) spec.ticks = widget.ticks.map((tick) => ({ at: String(tick.at), label: words(tick.label ?? "") }));
  if (widget.choices) spec.choices = widget.choices.map((choice) => ({ code: String(choice.code), label: words(String(choice.label ?? choice.code)), exclusive: choice.exclusive }));
  if (spec.look === "slider") {
    if (!widget.ticks) spec.ends = [spec.prefix ?? {}, spec.suffix ?? {}];
    delete spec.prefix;
    delete spec.suffix;
  }
  if (widget.untoggle === false) spec.untoggle = false;
  if (widget.disabled || widget.readonly) spec.readonly = true;
  return spec;
}

class Drawing {
  constructor(form, page, state) {
    Object.assign(this, { form, page, state });
    this.at = placeOf(page);
    this.words = (text) => ({ [form.data.language]: text ?? "" });
  }

  all(widgets) {
    return widgets.filter((widget) => widget.visible !== false).map((widget) => this.one(widget));
  }

  one(widget) {
    const draw = this[`draw_${widget.type}`];
    return draw ? draw.call(this, widget) : TYPES[widget.type] ? this.question(widget) : nothing;
  }

  question(widget) {
    const spec = specOf(this.page, widget, this.at, this.words);
    if (widget.type === "calc") {
      spec.calc = true;
      spec.drawn = html`<output class="calculation is-number" id=${idOf(spec.key)}>${[widget.prefix, widget.text ?? widget.value, widget.suffix].filter((part) => part !== undefined && part !== "").join("\u00a0")}</output>`;
    }
    return field(this.form, spec);
  }

  draw_section(widget) {
    const inside = this.all(widget.children);
    if (!widget.label) return html`<div class="group">${inside}</div>`;
    const key = `${this.page.key}/${widget.label}`;
    return html`<details class="group" ?open=${this.form.script.folded?.get(key) ?? widget.deploy} @toggle=${(event) => (this.form.script.folded ??= new Map()).set(key, event.target.open)}>
      <summary><h3>${widget.label}</h3></summary>
      ${inside}
    </details>`;
  }

  draw_block(widget) {
    return this.all(widget.children);
  }

  draw_columns(widget) {
    return html`<div class="side-by-side columns-${Math.min(widget.children.length, 4) || 1}">${this.all(widget.children)}</div>`;
  }

  draw_tabs(widget) {
    const chosen = Math.max(0, widget.children.findIndex((tab) => tab.active));
    const choose = (place) => {
      if (widget.children[place].disabled) return;
      this.form.script.tabs.set(widget.key, place);
      widget.children.forEach((tab, each) => (tab.active = each === place));
      this.form.draw();
      document.getElementById(`tab-${widget.key}-${place}`)?.focus();
      this.form.runScripts();
    };
    const onKey = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      let place = chosen;
      do place = (place + step + widget.children.length) % widget.children.length;
      while (widget.children[place].disabled && place !== chosen);
      choose(place);
    };
    return html`<div class="group form-tabs">
      <div role="tablist" @keydown=${onKey}>
        ${widget.children.map(
          (tab, place) => html`<button type="button" role="tab" id="tab-${widget.key}-${place}" aria-selected=${place === chosen ? "true" : "false"} aria-controls="panel-${widget.key}-${place}" tabindex=${place === chosen ? "0" : "-1"} ?disabled=${Boolean(tab.disabled)} @click=${() => choose(place)}>${tab.label}</button>`,
        )}
      </div>
      ${widget.children.map((tab, place) => html`<div role="tabpanel" id="panel-${widget.key}-${place}" aria-labelledby="tab-${widget.key}-${place}" ?hidden=${place !== chosen && !this.form.printing}>${this.all(tab.children)}</div>`)}
    </div>`;
  }

  draw_repeat(widget) {
    const key = repeatOf(this.page, widget.path);
    const open = key && this.form.data.editable && !widget.disabled && !widget.readonly;
    return html`<div class="rows" id=${idOf(key ?? widget.path)} tabindex="-1">
      ${widget.children.map(
        (row, number) => html`<div class="row-block" data-row="${key}[${number}]" role="group" aria-label=${interpolate(gettext("Row %s"), [number + 1])}>
          <div class="row-head">
            <span class="row-name">${number + 1}.</span>
            ${open ? html`<button class="btn-link" type="button" @click=${() => this.form.removeRow(key, number)}>${gettext("Remove")}<span class="visually-hidden"> ${interpolate(gettext("Row %s"), [number + 1])}</span></button>` : nothing}
          </div>
          ${this.all(row.children)}
        </div>`,
      )}
      ${open ? html`<button class="btn btn-sm" type="button" @click=${() => this.form.addRow(key)}>${icon("plus")}${gettext("Add a row")}</button>` : nothing}
    </div>`;
  }

  /** What a script shows is blocks of text with marks, never its markup. */
  draw_output(widget) {
    const span = (part) => {
      const said = part.strong ? html`<strong>${part.text}</strong>` : part.text;
      const marked = part.emphasis ? html`<em>${said}</em>` : said;
      return part.code ? html`<code>${marked}</code>` : marked;
    };
    const block = ({ kind, spans = [], source, alt }) => {
      const inside = spans.map(span);
      if (kind === "rule") return html`<hr />`;
      if (kind === "image") {
        const image = this.form.compiled.data.files?.[source];
        return image ? html`<img class="form-image" src="data:${image.type};base64,${image.data}" alt=${alt ?? ""} />` : html`<p class="text-soft">${icon("photo")}${alt || source}</p>`;
      }
      if (kind === "heading" || kind === "title") return html`<h4>${inside}</h4>`;
      return kind === "item" ? html`<p class="output-item">${inside}</p>` : html`<p>${inside}</p>`;
    };
    return html`<div class="script-output">${(widget.blocks ?? []).map(block)}</div>`;
  }

  draw_errorList(widget) {
    const found = this.form.state.findings.filter((finding) => this.form.item(finding.key)?.page === this.page.key && ["error", "missing"].includes(finding.severity) && (finding.when === "input" || this.form.attempted));
    if (!found.length) return nothing;
    return html`<div class="faults" role="status">${icon("alert-circle")}<div>
      ${widget.label ? html`<p class="faults-title">${widget.label}</p>` : nothing}
      <ul>${found.map((finding) => {
        const place = finding.row ? `${finding.row}.${finding.key}` : finding.key;
        return html`<li><a href="#${idOf(place)}" @click=${(event) => this.form.jump(event, place)}>${this.form.labelOf(place)}</a>${gettext(": ")}${this.form.say(finding)}</li>`;
      })}</ul>
    </div></div>`;
  }

  actions() {
    const shown = this.state.actions.filter((action) => action.visible !== false);
    if (!shown.some((action) => !action.separator)) return nothing;
    const press = (action) => {
      this.form.script.clicked = action.label;
      this.form.runScripts();
      this.form.script.clicked = null;
    };
    return html`<div class="script-actions">${shown.map((action) => (action.separator ? html`<span class="script-gap"></span>` : html`<button class="btn" type="button" title=${action.tooltip ?? nothing} ?disabled=${Boolean(action.disabled)} @click=${() => press(action)}>${action.label}</button>`))}</div>`;
  }
}

const WHY = {
  time: () => gettext("it takes too long: it may turn for ever."),
  memory: () => gettext("it needs too much memory."),
  stack: () => gettext("it calls itself too often."),
  no_runner: () => gettext("this browser can’t run it."),
};

/** What to say where the script was stopped: what is typed stays, and the server looks again at the save. */
function stopped(form, error) {
  const why = WHY[error.code]?.() ?? `${error.message || error.code}`;
  const where = error.line ? ` (${error.file}, ${error.line})` : "";
  return html`<div class="notice notice-warning script-stopped" role="alert">
    ${icon("alert-triangle")}
    <div>
      <p class="notice-title">${gettext("The script of this page was stopped")}</p>
      <p>${gettext("Why:")} ${why}${where} ${gettext("What you typed is kept in this tab. Change your last answer back, or tell those who made the form.")}</p>
      <button class="btn btn-sm" type="button" @click=${() => form.retryScripts()}>${icon("refresh")}${gettext("Try again")}</button>
    </div>
  </div>`;
}

export function scriptPage(form, page) {
  const failed = form.script?.failed.get(page.key);
  const state = form.script?.states.get(page.key);
  if (!state) return failed ? stopped(form, failed) : html`<p class="text-soft" role="status">${gettext("The page is being prepared…")}</p>`;
  const drawing = new Drawing(form, page, state);
  const loose = state.widgets.some((widget) => widget.type !== "section" && widget.type !== "tabs");
  const inside = drawing.all(state.widgets);
  return html`${failed ? stopped(form, failed) : nothing}<div class="script-page${loose ? " group" : ""}">${inside}</div>${drawing.actions()}`;
}
