// <ecrf-pad>: draw with a mouse, a finger, a pen or the keyboard, on white or on an image; a signature may be typed too.
import { html, render } from "lit-html";
import { icon } from "../../../../../core/web/static_src/web/icon.js";

const SIZES = { signature: [720, 220], drawing: [880, 560], annotation: [880, 560] };
const INK = { signature: "#1b2a4a", drawing: "#1f2933", annotation: "#d1242f" };
const STEP = 8;

export class Pad extends HTMLElement {
  connectedCallback() {
    this.strokes = [];
    this.name = "";
    this.cursor = null;
    this.pen = false;
    [this.wide, this.high] = SIZES[this.look];
    this.draw();
    this.canvas = this.querySelector("canvas");
    if (this.ground) this.load();
    this.paint();
  }

  /** The image on which is drawn, at its own proportions. */
  async load() {
    const image = new Image();
    image.src = this.ground;
    await image.decode();
    const scale = Math.min(1, 1600 / Math.max(image.naturalWidth, image.naturalHeight));
    this.wide = Math.round(image.naturalWidth * scale);
    this.high = Math.round(image.naturalHeight * scale);
    Object.assign(this.canvas, { width: this.wide, height: this.high });
    this.image = image;
    this.paint();
  }

  focusPad() {
    this.querySelector("canvas")?.focus();
  }

  get isEmpty() {
    return !this.strokes.length && !this.name.trim();
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * this.wide) / box.width, ((event.clientY - box.top) * this.high) / box.height];
  }

  down(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.cursor = null;
    this.strokes.push([this.at(event)]);
    this.active = event.pointerId;
    this.paint();
  }

  move(event) {
    if (event.pointerId !== this.active) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) this.strokes.at(-1).push(this.at(each));
    this.paint();
  }

  up(event) {
    if (event.pointerId !== this.active) return;
    this.active = null;
    this.draw();
  }

  /** Arrows move a cross; space puts the pen down and takes it up; Ctrl+Z takes the last line back. */
  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.undo();
    } else if (way) {
      event.preventDefault();
      const [x, y] = this.cursor ?? [this.wide / 4, this.high / 2];
      const far = event.shiftKey ? STEP * 4 : STEP;
      this.cursor = [Math.min(this.wide, Math.max(0, x + way[0] * far)), Math.min(this.high, Math.max(0, y + way[1] * far))];
      if (this.pen) this.strokes.at(-1).push(this.cursor);
      this.paint();
    } else if (event.key === " ") {
      event.preventDefault();
      this.cursor ??= [this.wide / 4, this.high / 2];
      this.pen = !this.pen;
      if (this.pen) this.strokes.push([this.cursor]);
      this.paint();
      this.draw();
    }
  }

  undo() {
    this.strokes.pop();
    this.pen = false;
    this.paint();
    this.draw();
  }

  clear() {
    this.strokes = [];
    this.name = "";
    this.pen = false;
    this.paint();
    this.draw();
    this.focusPad();
  }

  paint(final = false) {
    const pen = this.canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, this.wide, this.high);
    if (this.image) pen.drawImage(this.image, 0, 0, this.wide, this.high);
    if (this.look === "signature" && !final) {
      pen.strokeStyle = "#c5cdd5";
      pen.beginPath();
      pen.moveTo(24, this.high - 48);
      pen.lineTo(this.wide - 24, this.high - 48);
      pen.stroke();
    }
    if (this.name.trim()) {
      pen.fillStyle = INK.signature;
      pen.font = "italic 56px 'Source Sans 3', sans-serif";
      pen.fillText(this.name.trim(), 32, this.high - 60, this.wide - 64);
    }
    Object.assign(pen, { strokeStyle: INK[this.look], fillStyle: INK[this.look], lineWidth: Math.max(3, this.wide / 220), lineCap: "round", lineJoin: "round" });
    for (const [first, ...rest] of this.strokes) {
      pen.beginPath();
      pen.moveTo(...first);
      if (!rest.length) pen.arc(...first, pen.lineWidth / 2, 0, 7);
      for (const point of rest) pen.lineTo(...point);
      if (rest.length) pen.stroke();
      else pen.fill();
    }
    if (this.cursor && !final) {
      Object.assign(pen, { strokeStyle: this.pen ? INK[this.look] : "#57606a", lineWidth: 2 });
      const [x, y] = this.cursor;
      pen.beginPath();
      pen.moveTo(x - 12, y);
      pen.lineTo(x + 12, y);
      pen.moveTo(x, y - 12);
      pen.lineTo(x, y + 12);
      pen.stroke();
    }
  }

  keep() {
    this.paint(true);
    const names = { signature: gettext("signature"), drawing: gettext("drawing"), annotation: gettext("marked image") };
    this.canvas.toBlob((blob) => this.done(blob, `${names[this.look]}.png`), "image/png");
  }

  draw() {
    const sign = this.look === "signature";
    const how = sign ? gettext("Sign here with the mouse, a finger or a pen. With the keyboard: arrows move, space puts the pen down; or type your name below.") : gettext("Draw here with the mouse, a finger or a pen. With the keyboard: arrows move, space puts the pen down.");
    render(
      html`<p class="field-help" id="pad-how">${how}</p>
        <canvas
          width=${this.wide}
          height=${this.high}
          tabindex="0"
          role="img"
          aria-label=${sign ? gettext("Where to sign") : gettext("Where to draw")}
          aria-describedby="pad-how"
          @pointerdown=${(event) => this.down(event)}
          @pointermove=${(event) => this.move(event)}
          @pointerup=${(event) => this.up(event)}
          @pointercancel=${(event) => this.up(event)}
          @keydown=${(event) => this.key(event)}
        ></canvas>
        ${sign
          ? html`<label class="pad-name">${gettext("Or type your name")}<input class="form-control" type="text" autocomplete="off" maxlength="80" .value=${this.name} @input=${(event) => {
              this.name = event.target.value;
              this.paint();
              this.draw();
            }} /></label>`
          : ""}
        <div class="file-acts">
          <button class="btn btn-primary" type="button" ?disabled=${this.isEmpty} @click=${() => this.keep()}>${icon("check")}${sign ? gettext("Keep the signature") : gettext("Keep the drawing")}</button>
          <button class="btn" type="button" ?disabled=${!this.strokes.length} @click=${() => this.undo()}>${icon("arrow-back-up")}${gettext("Undo")}</button>
          <button class="btn" type="button" ?disabled=${this.isEmpty} @click=${() => this.clear()}>${icon("eraser")}${gettext("Clear")}</button>
          <button class="btn-link" type="button" @click=${() => this.cancel()}>${gettext("Cancel")}</button>
          <span class="text-soft" role="status">${this.pen ? gettext("The pen is down") : ""}</span>
        </div>`,
      this,
    );
  }
}

if (!customElements.get("ecrf-pad")) customElements.define("ecrf-pad", Pad);

export const pad = (form, spec, ground, done, cancel) =>
  html`<ecrf-pad .look=${spec.look} .ground=${ground} .done=${done} .cancel=${cancel}></ecrf-pad>`;
