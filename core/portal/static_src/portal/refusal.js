/** Why the server didn't do it, in words, by the status of its answer. */
export function refusal(status, reference) {
  const words = {
    403: gettext("You may not do this. Ask a manager of the project if you need to."),
    404: gettext("This is no longer there. Reload the page."),
    409: gettext("Somebody changed this in the meantime. Reload the page and do it again."),
    413: gettext("This is too large to be sent."),
    503: gettext("Nothing can be saved at present: the suite is being maintained, or a server it needs is away. What you typed is still here."),
    429: gettext("Too many requests in a short time. Wait a minute and try again."),
  };
  const text = words[status] ?? gettext("The server couldn’t do this. Nothing was changed. Try again, or call support.");
  return reference && status >= 500 ? `${text} ${gettext("Reference:")} ${reference}` : text;
}
