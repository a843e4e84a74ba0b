// htmx under our rules: the token on every request that writes, no empty parameters in addresses, errors said in words.
import htmx from "htmx.org/dist/htmx.esm.js";
import { csrfToken } from "../../../web/static_src/web/page.js";
import { toast } from "../../../web/static_src/web/toast.js";
import { signInAgain } from "./session.js";

window.htmx = htmx;

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") {
    detail.headers["X-CSRFToken"] = csrfToken();
    return;
  }
  for (const [name, value] of Object.entries(detail.parameters)) if (value === "") delete detail.parameters[name];
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 401) return;
  event.detail.shouldSwap = false;
  event.detail.isError = false;
  const { verb, path, parameters, target, elt } = requestConfig;
  signInAgain().then(() => htmx.ajax(verb, path, { source: elt, target, values: { ...parameters } }));
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status } = detail.xhr;
  if (status === 401) return;
  const reference = detail.xhr.getResponseHeader("X-Request-ID");
  const words = {
    403: gettext("You may not do this. Ask a manager of the project if you need to."),
    404: gettext("This is no longer there. Reload the page."),
    409: gettext("Somebody changed this in the meantime. Reload the page and do it again."),
    413: gettext("This is too large to be sent."),
    429: gettext("Too many requests in a short time. Wait a minute and try again."),
  };
  const text = words[status] ?? gettext("The server couldn’t do this. Nothing was changed. Try again, or call support.");
  toast(reference && status >= 500 ? `${text} ${gettext("Reference:")} ${reference}` : text, "error");
});

document.addEventListener("htmx:sendError", () =>
  toast(gettext("The server can’t be reached. Check the network; what you typed is still here."), "error"),
);
