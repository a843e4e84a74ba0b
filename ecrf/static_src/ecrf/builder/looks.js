// How a question is asked: its look among those of its type, what files it takes, the image on which is drawn.
import { html, nothing } from "lit-html";
import { box, choice, idFor } from "./controls.js";
import { set } from "./data.js";

const LOOKS = {
  text: () => [["", gettext("one line")], ["lines", gettext("several lines")], ["pin", gettext("number code with a keypad")], ["secret", gettext("hidden while it is typed")]],
  integer: () => [["", gettext("typed")], ["slider", gettext("slider")], ["vas", gettext("visual analogue scale")]],
  decimal: () => [["", gettext("typed")], ["slider", gettext("slider")], ["vas", gettext("visual analogue scale")]],
  choice: () => [["", gettext("one under the other")], ["buttons", gettext("buttons in a row")], ["yesno", gettext("yes or no")], ["likert", gettext("scale in one line")], ["list", gettext("drop-down list")], ["search", gettext("found by typing")]],
  choices: () => [["", gettext("boxes")], ["buttons", gettext("buttons in a row")], ["search", gettext("found by typing")]],
  file: () => [["", gettext("any document")], ["image", gettext("image")], ["annotation", gettext("marks on an image")], ["drawing", gettext("drawing")], ["signature", gettext("handwritten signature")]],
};
const KINDS = [["pdf", "PDF"], ["png", "PNG"], ["jpeg", "JPEG"], ["tiff", "TIFF"], ["text", "CSV"], ["xlsx", "XLSX"]];
const LARGEST = 1_400_000;
const DRAWN = new Set(["annotation", "drawing", "signature", "audio", "video"]);

/** An image of the form, by its name: shown, or drawn on. */
function image(app, path, item) {
  const id = idFor(`${path} image`);
  const names = Object.keys(app.data.files ?? {});
  const take = async (file) => {
    if (!file || file.size > LARGEST || !["image/png", "image/jpeg"].includes(file.type)) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    const next = set(app.data, ["files"], { ...app.data.files, [file.name.slice(-120)]: { type: file.type, data: btoa(text) } });
    app.change(gettext("Image of the form"), set(next, [...path, "image"], file.name.slice(-120)));
  };
  return html`${names.length ? choice(`${path} image name`, gettext("Image of the form"), item.image ?? "", [["", gettext("none: the one that is sent")], ...names.map((name) => [name, name])], (name) => app.change(gettext("Image of the form"), set(app.data, [...path, "image"], name || undefined))) : nothing}
    <div class="prop"><label class="form-label" for=${id}>${gettext("Add an image to the form")}</label><input class="form-control" id=${id} type="file" accept=".png,.jpg,.jpeg" @change=${(event) => take(event.target.files[0])} /><div class="field-help">${gettext("PNG or JPEG, 1.4 MB at most.")}</div></div>`;
}

function kinds(path, item, put) {
  const on = (kind) => !item.accept || item.accept.includes(kind);
  const change = (kind, wanted) => {
    const next = KINDS.map(([code]) => code).filter((code) => (code === kind ? wanted : on(code)));
    put("accept", next.length && next.length < KINDS.length ? next : null, gettext("Kinds of files"));
  };
  return html`<fieldset class="prop"><legend class="form-label">${gettext("Takes")}</legend>${KINDS.map(([code, word]) => box(`${path} accept ${code}`, word, on(code), (wanted) => change(code, wanted)))}</fieldset>`;
}

export function looks(app, path, item, put) {
  if (item.calc || (!LOOKS[item.type] && item.type !== "output")) return nothing;
  const known = LOOKS[item.type]?.() ?? [];
  const listed = item.look && !known.some(([code]) => code === item.look) ? [...known, [item.look, item.look]] : known;
  return html`${known.length ? choice(`${path} look`, gettext("How it is asked"), item.look ?? "", listed, (look) => put("look", look, gettext("How it is asked"))) : nothing}
    ${item.type === "choice" && item.look !== "search" ? box(`${path} untoggle`, gettext("Once chosen, an answer can be changed but not taken back"), item.untoggle === false, (on) => app.change(gettext("How it is asked"), set(app.data, [...path, "untoggle"], on ? false : undefined))) : nothing}
    ${item.look === "annotation" || item.type === "output" ? image(app, path, item) : nothing}
    ${item.type === "file" && !DRAWN.has(item.look) && item.look !== "image" ? kinds(path, item, put) : nothing}`;
}
