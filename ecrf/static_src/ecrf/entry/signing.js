// Signatures under a page: who has signed, and the button for who may.
import { html, nothing } from "lit-html";
import { csrfToken } from "../../../../core/web/static_src/web/page.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";

export function signing(form, page) {
  const signed = (form.data.signatures ?? []).filter((one) => one.page === page.key);
  const complete = form.data.complete.includes(page.key) && !form.dirty;
  if (!page.sign && !signed.length) return nothing;
  const when = (iso) => new Date(iso).toLocaleString(form.data.language, { dateStyle: "long", timeStyle: "short" });
  return html`<div class="signatures">
    ${signed.map(
      (one) => html`<p class="signature">${icon("signature")}<span>${interpolate(gettext("Signed by %(who)s, %(when)s"), { who: one.by, when: when(one.at) }, true)}<span class="text-soft"> ${one.meaning}</span></span></p>`,
    )}
    ${page.sign && form.data.may?.sign && form.data.urls.sign
      ? html`<form method="post" action=${form.data.urls.sign}>
          <input type="hidden" name="csrfmiddlewaretoken" value=${csrfToken()} />
          <input type="hidden" name="page" value=${page.key} />
          <input type="hidden" name="revision" value=${form.data.revision} />
          <button class="btn" ?disabled=${!complete}>${icon("signature")}${gettext("Sign this page")}</button>
          <span class="text-soft">${complete ? form.show.text(page.sign) : gettext("Save and complete the page to sign it.")}</span>
        </form>`
      : nothing}
  </div>`;
}
