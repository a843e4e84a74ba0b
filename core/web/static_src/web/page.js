// What the document says of itself and of its reader.
const content = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

export const reader = () => content("user");
export const project = () => content("project");
export const csrfToken = () => content("csrf-token");

/** After signing in again the old token is worth nothing: give the new one to the page and to its forms. */
export function setCsrfToken(token) {
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const input of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) input.value = token;
}
