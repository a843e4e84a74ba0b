// htmx under our rules: the token on every request that writes, no empty parameters in addresses, errors said in words.
import htmx from "htmx.org/dist/htmx.esm.js";
import { csrfToken } from "../../../web/static_src/web/page.js";
import { toast } from "../../../web/static_src/web/toast.js";
import { refusal } from "./refusal.js";
import { confirmItIsYou, leave, signInAgain } from "./session.js";

window.htmx = htmx;

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.triggeringEvent) detail.headers["X-Background"] = "1"; // polling: nobody asked for it
  if (detail.verb !== "get") {
    detail.headers["X-CSRFToken"] = csrfToken();
    return;
  }
  for (const [name, value] of Object.entries(detail.parameters)) if (value === "") delete detail.parameters[name];
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 401) return undefined;
  event.detail.shouldSwap = false;
  event.detail.isError = false;
  const { verb, path, parameters, target, elt } = requestConfig;
  const state = xhr.getResponseHeader("X-Session");
  if (state === "over") return leave();
  const asked = state === "confirm" ? confirmItIsYou() : signInAgain();
  return asked.then(() => htmx.ajax(verb, path, { source: elt, target, values: { ...parameters } }));
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status } = detail.xhr;
  if (status !== 401) toast(refusal(status, detail.xhr.getResponseHeader("X-Request-ID")), "error");
});

document.addEventListener("htmx:sendError", () =>
  toast(gettext("The server can’t be reached. Check the network; what you typed is still here."), "error"),
);
