// What people say about a question: threads that are opened, answered, resolved.
import { html, nothing } from "lit-html";
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { icon } from "../../../../core/web/static_src/web/icon.js";
import { get, kindOf } from "./data.js";
import { ask } from "./saving.js";

const when = (iso, language) => new Date(iso).toLocaleString(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export function comments(app) {
  const path = app.selection.at(-1);
  const part = path && get(app.data, path);
  const key = part && kindOf(path) !== "group" ? part.key : "";
  const threads = app.comments.filter((one) => !one.thread);
  const here = key ? threads.filter((one) => one.item === key) : [];
  const elsewhere = threads.filter((one) => !here.includes(one) && !one.resolved);
  return html`<h2 class="panel-title" tabindex="-1">${icon("message")}${gettext("Comments")}</h2>
    ${key
      ? html`<form class="comment-form" @submit=${(event) => send(app, event, { item: key })}>
            <label class="form-label" for="comment-text">${interpolate(gettext("On “%s”"), [app.text(part.label ?? part.title) || key])}</label>
            <textarea class="form-control" id="comment-text" name="text" rows="2" maxlength="2000" required></textarea>
            <button class="btn btn-sm">${gettext("Comment")}</button>
          </form>
          ${here.map((one) => thread(app, one))}`
      : html`<p class="text-soft">${gettext("Choose a question or a page to comment on it.")}</p>`}
    ${elsewhere.length
      ? html`<h3>${gettext("Open elsewhere")}</h3>
          <ul class="plain-list">${elsewhere.map((one) => html`<li><button class="btn-link" type="button" @click=${() => app.goToKey(one.item)}>${app.labelOf(one.item)}</button><p class="text-soft comment-cut">${one.text}</p></li>`)}</ul>`
      : nothing}`;
}

function thread(app, first) {
  const answers = app.comments.filter((one) => one.thread === first.id);
  const line = (one) => html`<li><p class="comment-who"><strong>${one.by}</strong> <span class="text-soft">${when(one.at, app.reader)}</span></p><p class="comment-text">${one.text}</p></li>`;
  return html`<article class="thread${first.resolved ? " is-resolved" : ""}">
    <ol class="plain-list">${[first, ...answers].map(line)}</ol>
    ${first.resolved
      ? html`<p><span class="state state-done">${icon("circle-check")}<span>${interpolate(gettext("Resolved by %s"), [first.resolved])}</span></span> <button class="btn-link" type="button" @click=${() => post(app, { thread: first.id, resolved: false })}>${gettext("Open again")}</button></p>`
      : html`<form class="comment-form" @submit=${(event) => send(app, event, { thread: first.id })}>
          <label class="visually-hidden" for="answer-${first.id}">${gettext("Answer")}</label>
          <input class="form-control" id="answer-${first.id}" name="text" maxlength="2000" required autocomplete="off" placeholder=${gettext("Answer")} />
          <span class="rule-acts"><button class="btn btn-sm">${gettext("Send the answer")}</button><button class="btn btn-sm" type="button" @click=${() => post(app, { thread: first.id, resolved: true })}>${icon("check")}${gettext("Resolve")}</button></span>
        </form>`}
  </article>`;
}

function send(app, event, about) {
  event.preventDefault();
  const form = event.target;
  post(app, { ...about, text: form.elements.text.value }).then((done) => done && form.reset());
}

async function post(app, sent) {
  try {
    const answer = await ask(app.urls.draft_comments, sent);
    if (answer.ok) {
      app.comments = answer.said.comments;
      app.draw();
      return true;
    }
    toast(answer.said.errors?.[0]?.message ?? answer.said.message ?? gettext("The comment couldn’t be saved."), "error");
  } catch {
    toast(gettext("The server can’t be reached: the comment isn’t saved."), "error");
  }
  return false;
}
