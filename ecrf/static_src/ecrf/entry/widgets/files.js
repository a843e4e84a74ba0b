// A question that holds a file: sent at once, with its progress; the value that names it is saved with the form.
import { html, nothing } from "lit-html";
import { csrfToken } from "../../../../../core/web/static_src/web/page.js";
import { icon } from "../../../../../core/web/static_src/web/icon.js";
import { split } from "../rows.js";
import { describedBy, held, hiddenLabel, idOf } from "./base.js";
import { pad } from "./pad.js";

const EXTENSIONS = { pdf: ".pdf", png: ".png", jpeg: ".jpg,.jpeg", tiff: ".tif,.tiff", text: ".txt,.csv,.tsv", xlsx: ".xlsx" };
const IMAGES = ["png", "jpeg"];
const DRAWN = new Set(["annotation", "drawing", "signature"]);
const WHOLE = 16 << 20;

/** What is known of the file that a value names. */
export const fileOf = (form, value) => form.sent?.get(value) ?? form.data.files?.[value];

export const size = (bytes, language) => {
  const [amount, unit] = bytes < 1 << 20 ? [bytes / 1024, gettext("kB")] : [bytes / (1 << 20), gettext("MB")];
  return `${amount.toLocaleString(language, { maximumFractionDigits: amount < 10 ? 1 : 0 })}\u00a0${unit}`;
};

function going(form, spec) {
  form.uploads ??= new Map();
  return form.uploads.get(spec.key);
}

/** Send a file for a question. What the server says is shown at the field; the form is saved afterwards, by who fills it in. */
export function send(form, spec, file, name = file.name) {
  going(form, spec);
  const limit = spec.max_size ?? WHOLE;
  const say = (state) => {
    if (state) form.uploads.set(spec.key, state);
    else form.uploads.delete(spec.key);
    form.draw();
  };
  if (file.size > limit) return say({ error: interpolate(gettext("This file is too large: %s at most."), [size(limit, form.data.language)]) });
  const request = new XMLHttpRequest();
  const address = form.data.urls.files?.replace("__item__", encodeURIComponent(split(spec.key).key));
  if (!address || spec.key.includes("/")) return say({ error: gettext("Save the page once: then this question takes a file.") });
  request.open("POST", address);
  request.responseType = "json";
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.setRequestHeader("Accept", "application/json");
  request.upload.onprogress = (event) => say({ request, name, done: event.lengthComputable ? event.loaded / event.total : null });
  request.onload = () => {
    if (request.status !== 201) return say({ error: request.response?.message ?? gettext("The file couldn’t be sent: try again.") });
    const { value, ...told } = request.response;
    form.sent ??= new Map();
    form.sent.set(value, told);
    form.uploads.delete(spec.key);
    form.settle(spec.key, value);
  };
  request.onerror = () => say({ error: gettext("The server can’t be reached. Send the file again when it can.") });
  request.onabort = () => say(null);
  const body = new FormData();
  body.append("file", file, name);
  say({ request, name, done: 0 });
  request.send(body);
}

function progress(form, spec, state) {
  return html`<div class="file-going" role="status">
    <span>${interpolate(gettext("Sending %s"), [state.name])}</span>
    <progress max="1" .value=${state.done ?? 0} aria-label=${gettext("Sent so far")}></progress>
    <button class="btn btn-sm" type="button" @click=${() => state.request.abort()}>${gettext("Cancel")}</button>
  </div>`;
}

const preview = (file) => `${file.url}?preview=1`;

function shown(form, spec, value) {
  const file = fileOf(form, value);
  if (!file) return html`<output class="calculation">${String(value).startsWith("sha256:") ? gettext("A file that was sent") : value}</output>`;
  return html`<div class="file-held">
    ${file.image ? html`<img class="file-image${spec.look === "signature" ? " is-signature" : ""}" src=${preview(file)} alt=${interpolate(gettext("Image: %s"), [file.name])} />` : nothing}
    <p><a href=${file.url} download>${icon("paperclip")}${file.name}</a> <span class="text-soft">${size(file.size, form.data.language)}</span></p>
  </div>`;
}

function chooser(form, spec, value) {
  const images = spec.look === "image" || spec.look === "annotation";
  const kinds = spec.accept ?? (images ? IMAGES : Object.keys(EXTENSIONS));
  const word = value ? gettext("Replace") : images ? gettext("Choose an image") : gettext("Choose a file");
  return html`<label class="btn file-button"
    >${images ? icon("photo") : icon("paperclip")}${word}${hiddenLabel(form, spec)}
    <input
      class="visually-hidden"
      type="file"
      id=${idOf(spec.key)}
      accept=${kinds.map((kind) => EXTENSIONS[kind]).join(",")}
      aria-describedby=${describedBy(form, spec)}
      @change=${(event) => {
        const [file] = event.target.files;
        event.target.value = "";
        if (file) send(form, spec, file);
      }}
  /></label>`;
}

export function file(form, spec) {
  const value = held(form, spec);
  const state = going(form, spec);
  const fixed = form.fixed(spec);
  if (spec.look === "audio" || spec.look === "video") {
    return html`<output class="calculation" id=${idOf(spec.key)}>${value ?? gettext("Recordings can’t be taken here: keep them as the study says.")}</output>`;
  }
  const drawing = DRAWN.has(spec.look);
  const image = spec.image && form.compiled.data.files?.[spec.image];
  const opened = form.padded === spec.key;
  const ground = spec.look === "annotation" ? (image ? `data:${image.type};base64,${image.data}` : value && fileOf(form, value)?.image ? preview(fileOf(form, value)) : "") : "";
  const open = (on) => {
    form.padded = on ? spec.key : "";
    form.draw();
    if (on) form.querySelector("ecrf-pad")?.focusPad();
  };
  const word = { signature: gettext("Sign"), drawing: gettext("Make a drawing"), annotation: gettext("Mark the image") }[spec.look];
  const again = { signature: gettext("Sign again"), drawing: gettext("Draw again"), annotation: gettext("Mark the image") }[spec.look];
  return html`<div class="file-field" id=${drawing && (fixed || image || spec.look !== "annotation") ? idOf(spec.key) : nothing} tabindex=${drawing ? "-1" : nothing}>
    ${value && !opened ? shown(form, spec, value) : nothing}
    ${!value && fixed ? html`<output class="calculation">${gettext("no file")}</output>` : nothing}
    ${state?.request ? progress(form, spec, state) : nothing}
    ${state?.error ? html`<p class="field-error" role="alert">${icon("alert-circle")}<span>${state.error}</span></p>` : nothing}
    ${opened && !fixed ? pad(form, spec, ground, (blob, name) => (open(false), send(form, spec, blob, name)), () => open(false)) : nothing}
    ${fixed || state?.request || opened
      ? nothing
      : html`<div class="file-acts">
          ${drawing && (spec.look !== "annotation" || ground) ? html`<button class="btn" type="button" @click=${() => open(true)}>${spec.look === "signature" ? icon("signature") : icon("pencil")}${value ? again : word}${hiddenLabel(form, spec)}</button>` : nothing}
          ${!drawing || (spec.look === "annotation" && !image) ? chooser(form, spec, value) : nothing}
          ${value ? html`<button class="btn-link" type="button" @click=${() => form.settle(spec.key, null)}>${gettext("Remove")}${hiddenLabel(form, spec)}</button>` : nothing}
        </div>`}
  </div>`;
}
