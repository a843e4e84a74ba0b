// Files that are dropped, chosen, photographed or pasted go to the server a few at a time; then they are read.
const AT_ONCE = 10; // files of one request
const BYTES = 20 << 20;
const PAUSES = [1000, 3000, 10_000];
const CLUTTER = /^(\.|Thumbs\.db$)/;

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** Groups of files that are small enough for one request. */
export function groups(files) {
  const found = [];
  let bytes = 0;
  for (const file of files) {
    if (!found.length || found.at(-1).length >= AT_ONCE || bytes + file.size > BYTES) {
      found.push([]);
      bytes = 0;
    }
    found.at(-1).push(file);
    bytes += file.size;
  }
  return found;
}

/** All files of what was dropped, folders included. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) await walk(each, found);
  }
}

class Drop extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.words = this.querySelector("[role=status]");
    this.again = this.querySelector("[data-again]");
    for (const part of this.querySelectorAll(".rx-scripted")) part.hidden = false;
    this.addEventListener("change", ({ target }) => target.type === "file" && this.take([...target.files]));
    for (const name of ["dragover", "drop"]) document.addEventListener(name, this.over);
    document.addEventListener("dragleave", this.away);
    document.addEventListener("paste", this.pasted);
    this.again.addEventListener("click", () => this.send());
  }

  disconnectedCallback() {
    for (const name of ["dragover", "drop"]) document.removeEventListener(name, this.over);
    document.removeEventListener("dragleave", this.away);
    document.removeEventListener("paste", this.pasted);
  }

  over = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    this.classList.toggle("is-over", event.type === "dragover");
    if (event.type === "drop") dropped(event.dataTransfer).then((files) => this.take(files));
  };

  away = (event) => {
    if (!event.relatedTarget) this.classList.remove("is-over");
  };

  pasted = (event) => {
    if (event.target.closest?.("input:not([type=file]), textarea")) return;
    const { files } = event.clipboardData;
    if (files.length) {
      event.preventDefault();
      this.take([...files]);
      return;
    }
    const text = event.clipboardData.getData("text/plain");
    if (text.trim()) this.paste(text);
  };

  /** A pasted text goes the way of the form that takes one. */
  paste(text) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = this.dataset.new;
    const token = this.form.elements.csrfmiddlewaretoken.cloneNode();
    const area = document.createElement("textarea");
    area.name = "text";
    area.value = text;
    form.append(token, area);
    form.hidden = true;
    this.append(form);
    form.submit();
  }

  take(files) {
    const wanted = files.filter((file) => !CLUTTER.test(file.name));
    if (!wanted.length || this.left?.length) return;
    this.batch = null;
    this.total = wanted.length;
    this.left = groups(wanted);
    this.send();
  }

  say(words) {
    const sent = this.total - this.left.reduce((sum, group) => sum + group.length, 0);
    this.querySelector(".rx-sending").hidden = false;
    this.querySelector("progress").value = sent / this.total;
    this.words.textContent = words ?? interpolate(gettext("Sending: %s of %s files"), [sent, this.total]);
  }

  async send() {
    this.again.hidden = true;
    try {
      while (this.left.length) {
        this.say();
        const answer = await this.post(this.form.action, this.left[0]);
        this.batch = answer;
        this.left.shift();
      }
      this.say();
      await this.post(this.batch.read, []);
      location.assign(this.batch.batch);
    } catch (error) {
      this.say(error.message);
      this.again.hidden = !error.passing;
      if (!error.passing) this.left = [];
    }
  }

  /** Send some files; what fails by the way is sent again after a while. */
  async post(address, files) {
    for (const wait of [...PAUSES, null]) {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      if (this.batch) body.append("batch", this.batch.id);
      for (const file of files) body.append("files", file, file.name);
      const headers = { Accept: "application/json", "X-Requested-With": "fetch" };
      try {
        const answer = await fetch(address, { method: "POST", body, headers });
        if (answer.ok && !answer.redirected) return await answer.json();
        if (answer.status === 422) throw Object.assign(new Error((await answer.json()).error), { final: true });
        if (answer.status === 413)
          throw Object.assign(new Error(gettext("These files are too large, or the project has no room for them.")), { final: true });
        if (answer.status === 409) return {};
      } catch (error) {
        if (error.final) throw error;
      }
      if (wait) await pause(wait);
    }
    throw Object.assign(new Error(gettext("The server can’t be reached. What was sent is kept; go on when the network is back.")), { passing: true });
  }
}

customElements.define("rx-drop", Drop);
