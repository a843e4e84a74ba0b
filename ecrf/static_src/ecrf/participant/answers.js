// A participant's own answers in words: to look through before sending, to print and to keep.
import { html, nothing } from "lit-html";

const declined = (form, place) => form.notes[place]?.status === "nsp";

/** Every question that is shown, with its answer in words. */
export function answersOf(form) {
  return form.pages().map((page) => ({
    page,
    lines: form.shownGroups(page).flatMap((shown) =>
      (shown.rows ?? [shown.specs]).flatMap((specs, number) =>
        specs
          .filter((spec) => spec.type !== "output")
          .map((spec) => ({
            place: spec.calc ? "" : spec.key,
            label: `${shown.rows ? `${number + 1}. ` : ""}${form.show.text(spec.label) || spec.key}`,
            said: declined(form, spec.key) ? gettext("I’d rather not say") : form.show.value(spec, form.shown(spec)),
          })),
      ),
    ),
  }));
}

export function review(form, change) {
  return answersOf(form).map(
    ({ page, lines }) => html`<section class="group answers" aria-label=${form.show.text(page.title)}>
      <h3>${form.show.text(page.title)}</h3>
      <dl>
        ${lines.map(
          (line) => html`<div>
            <dt>${line.label}</dt>
            <dd dir="auto">${line.said || html`<span class="text-soft">${gettext("not answered")}</span>`}
            ${change && line.place ? html`<button class="btn btn-sm" type="button" @click=${() => change(line.place)}>${gettext("Change")}<span class="visually-hidden"> ${line.label}</span></button>` : nothing}</dd>
          </div>`,
        )}
      </dl>
    </section>`,
  );
}

/** The answers as a text file of one's own. */
export function download(form) {
  const text = answersOf(form)
    .map(({ page, lines }) => [form.show.text(page.title), ...lines.map((line) => `${line.label}: ${line.said || "–"}`)].join("\n"))
    .join("\n\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${form.data.title}\n\n${text}\n`], { type: "text/plain;charset=utf-8" }));
  link.download = `${gettext("answers")}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
