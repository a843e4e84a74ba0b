// The information sheet of a page that is a consent: what is read before its questions.
import { html, nothing } from "lit-html";

/** The language in which a reader gets the sheet: his own where it is approved in it. */
export function languageOf(consent, languages, reader) {
  const offered = consent.languages ?? languages;
  return offered.includes(reader) ? reader : offered[0];
}

const paragraphs = (text) => (text ?? "").replaceAll("\r\n", "\n").split("\n\n").map((part) => part.trim()).filter(Boolean);

export function consentSheet(page, definition, reader) {
  const { consent } = page;
  if (!consent) return nothing;
  const language = languageOf(consent, definition.languages, reader);
  const head = interpolate(gettext("Information sheet, version %s"), [consent.version]);
  return html`<section class="consent-sheet" lang=${language} dir="auto" aria-label=${head} tabindex="0">
    <p class="consent-version">${head}</p>
    ${consent.sheet.map((part) => html`${part.title?.[language] ? html`<h3>${part.title[language]}</h3>` : nothing}${paragraphs(part.text?.[language]).map((text) => html`<p>${text}</p>`)}`)}
  </section>`;
}
