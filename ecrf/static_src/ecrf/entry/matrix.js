// Questions that share their choices, as the lines of a table; on a narrow screen each line stands alone.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { idOf, notes, offered, ticked } from "./fields.js";
import { signs } from "./review.js";

export function matrix(form, group, specs, title) {
  const choices = group.items[0].choices.filter((choice) => specs.some((spec) => offered(form, spec).includes(choice) || !choice.retired));
  const many = specs[0].type === "choices";
  const cell = (spec, choice, place) => {
    const held = [form.raw(spec.key) ?? []].flat();
    const label = `${form.show.text(spec.label)}: ${form.show.text(choice.label)}`;
    const change = many
      ? (event) => form.settle(spec.key, ticked(spec, held, choice.code, event.target.checked))
      : () => {
          if (group.ranked) for (const other of specs) if (other !== spec && form.raw(other.key) === choice.code) form.settle(other.key, null);
          form.settle(spec.key, choice.code);
        };
    return html`<td>
      <label class="matrix-cell"
        ><input
          class="form-check-input"
          type=${many ? "checkbox" : "radio"}
          id=${place ? `${idOf(spec.key)}-${place}` : idOf(spec.key)}
          name=${idOf(spec.key)}
          aria-label=${label}
          ?disabled=${form.fixed(spec)}
          .checked=${live(held.includes(choice.code))}
          @change=${change}
        /><span class="matrix-word" aria-hidden="true">${form.show.text(choice.label)}</span></label
      >
    </td>`;
  };
  return html`${group.ranked ? html`<p class="field-help">${gettext("Each rank is given to one line: choosing it again moves it.")}</p>` : nothing}<div class="matrix-box"><table class="matrix">
    <caption class="visually-hidden">${title || gettext("Questions with the same choices")}</caption>
    <thead>
      <tr><td></td>${choices.map((choice) => html`<th scope="col">${form.show.text(choice.label)}</th>`)}</tr>
    </thead>
    <tbody>
      ${specs.map(
        (spec) => html`<tr data-key=${spec.key}>
          <th scope="row"><span class="matrix-label">${form.show.text(spec.label)}</span>${form.mark(spec)}${signs(form, spec)}${notes(form, spec)}</th>
          ${choices.map((choice, place) => cell(spec, choice, place))}
        </tr>`,
      )}
    </tbody>
  </table></div>`;
}
