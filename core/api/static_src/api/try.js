// <api-try>: sends a call of the API in the session of who looks at the page, and shows what is answered.
const SHOWN = 200_000; // characters of an answer on the page; the rest is in the file

class ApiTry extends HTMLElement {
  connectedCallback() {
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!event.target.reportValidity()) return;
      const call = this.call();
      if (!this.dialog) return this.send(call);
      this.part("call").textContent = `${call.method} ${call.path}`;
      this.dialog.showModal();
    });
    this.part("send")?.addEventListener("click", () => {
      this.dialog.close();
      this.send(this.call());
    });
  }

  get dialog() {
    return this.querySelector("dialog");
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  /** What is in the fields, as a call. */
  call() {
    const given = [...this.querySelectorAll("[data-in]")].filter((field) => field.value !== "");
    const among = (place) => given.filter((field) => field.dataset.in === place);
    const path = among("path").reduce(
      (text, field) => text.replace(`{${field.name}}`, encodeURIComponent(field.value)),
      this.dataset.path,
    );
    const query = new URLSearchParams(among("query").map((field) => [field.name, field.value]));
    const headers = new Headers(among("header").map((field) => [field.name, field.value]));
    headers.set("Accept-Language", document.documentElement.lang);
    let body = among("body")[0]?.value;
    if (body) headers.set("Content-Type", "application/json");
    if (this.querySelector('[data-in="form"]')) {
      body = new FormData();
      for (const field of among("form")) body.append(field.name, field.files?.[0] ?? field.value);
    }
    const { method } = this.dataset;
    if (method !== "GET") {
      headers.set("X-CSRFToken", document.querySelector('meta[name="csrf-token"]').content);
      headers.set("Idempotency-Key", crypto.randomUUID());
    }
    return { method, path: query.size ? `${path}?${query}` : path, headers, body };
  }

  async send({ method, path, headers, body }) {
    const button = this.querySelector("[type=submit]");
    button.disabled = true;
    const since = performance.now();
    try {
      const answer = await fetch(path, { method, headers, body, cache: "no-store" });
      const content = await answer.blob();
      await this.show(answer, content, Math.round(performance.now() - since));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.tell(gettext("Nobody answered. Check your connection, then send it again."), [], "");
    } finally {
      button.disabled = false;
    }
  }

  async show(answer, content, duration) {
    const type = answer.headers.get("Content-Type") ?? "";
    const isText = /json|text|xml/.test(type);
    let text = isText ? await content.text() : "";
    if (type.includes("json")) {
      try {
        text = JSON.stringify(JSON.parse(text), null, 2);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error; // several documents, one a line
      }
    }
    const status = `${answer.status} ${answer.statusText} · ${duration} ms`;
    this.tell(status, [...answer.headers], text.length > SHOWN ? `${text.slice(0, SHOWN)}\n…` : text);
    this.offer(answer.ok && content.size && (!isText || answer.headers.has("Content-Disposition")) ? content : null, answer);
  }

  tell(status, headers, text) {
    this.part("answer").hidden = false;
    this.part("status").textContent = status;
    this.part("headers").replaceChildren(
      ...headers.map((pair) => {
        const row = document.createElement("tr");
        for (const [place, word] of pair.entries()) {
          const cell = document.createElement(place ? "td" : "th");
          if (!place) cell.scope = "row";
          cell.textContent = word;
          row.append(cell);
        }
        return row;
      }),
    );
    this.part("body").textContent = text;
    this.part("body").parentElement.hidden = !text;
    this.offer(null);
    this.part("answer").focus();
  }

  offer(content, answer) {
    const link = this.part("file");
    if (link.href) URL.revokeObjectURL(link.href);
    link.removeAttribute("href");
    link.hidden = !content;
    if (!content) return;
    link.href = URL.createObjectURL(content);
    link.download = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "answer";
  }
}

customElements.define("api-try", ApiTry);
