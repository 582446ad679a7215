// Uploads by choice, drop and paste: each file a request of its own, three at once, with a bar, a reason, and a way
// back. Where the storage takes uploads itself they go there, and the site is told. Without this file, or where
// anything it needs is missing, the form works by itself.
(() => {
  const AT_ONCE = 3;
  const BROKEN_OFF = "The connection broke off, or the file could not be read. Upload it again.";
  const NOT_UNDERSTOOD = "The site gave no answer that this page understands. Reload the page, and upload it again.";
  const TOO_LARGE = "The file is too large for this site. Make it smaller and upload it again.";
  const UNAVAILABLE = "The site had a fault. Upload it again in a while.";

  const form = document.getElementById("upload");
  if (!form || !window.FormData || !("upload" in new XMLHttpRequest())) return;
  const input = form.querySelector("input[type=file]");
  const list = document.getElementById("uploads");
  const mostFiles = Number(form.dataset.mostFiles);
  const maxBytes = Number(form.dataset.maxBytes);
  const waiting = [];
  const running = new Set();
  let batch = { taken: 0, ended: 0, of: 0 };
  form.querySelectorAll("[data-with-script]").forEach((element) => { element.hidden = false; });

  const say = (text, tone = "") => {
    const said = document.createElement("p");
    said.className = `message ${tone}`;
    said.textContent = text;
    document.getElementById("uploads-said").replaceChildren(said);
  };
  const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, "");

  // Why this file would not be taken; the server asks the same again.
  const problemWith = (file) => {
    if (!file.size) return "The file is empty. Choose another one.";
    if (file.size <= maxBytes) return "";
    return `The file has ${megabytes(file.size)} MB, and at most ${megabytes(maxBytes)} MB are accepted. ` +
      "Make it smaller and upload it again.";
  };

  // One request: {ok, status, answer}, or null when it was called off. The answer is the server's JSON, if it is any.
  const send = (upload, url, fields) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    Object.entries(fields).forEach(([name, value]) => body.append(name, value));
    upload.cancel = () => request.abort();
    if (fields.file) {
      upload.show("uploading", 0);
      upload.button("cancel", true);
      request.upload.onprogress = (event) => upload.show("uploading", event.loaded / event.total);
      // Too late to be called off: what is there is kept, and can be deleted.
      request.upload.onload = () => { upload.show("being stored", 1); upload.button("cancel", false); };
    }
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* the sign-in page, or a proxy's */ }
      resolve({ ok: request.status >= 200 && request.status < 300, status: request.status, answer });
    };
    request.onerror = () => resolve({ ok: false, status: 0, answer: {} });
    request.onabort = () => resolve(null);
    request.open("POST", url);
    request.send(body);
  });
  const token = () => ({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });

  // Three requests instead of one; the file itself goes past the site.
  const sendDirect = async (upload) => {
    const { name, size } = upload.file;
    const place = await send(upload, form.dataset.direct, { ...token(), name, size });
    if (!place || !place.ok || !place.answer.url) return place;
    const stored = await send(upload, place.answer.url, { ...place.answer.fields, file: upload.file });
    if (!stored) return stored;
    // A bucket that does not let this site's pages in costs time, and no upload.
    return stored.ok ? send(upload, place.answer.arrived, token()) : sendPlain(upload);
  };
  const sendPlain = (upload) => send(upload, form.dataset.url, { ...token(), file: upload.file });

  const reason = ({ status, answer }) => {
    if (answer.error) return answer.error;
    if (status === 0) return BROKEN_OFF;
    if (status === 413) return TOO_LARGE;
    return status >= 500 ? UNAVAILABLE : NOT_UNDERSTOOD;
  };

  class Upload {
    constructor(file) {
      this.file = file;
      const row = document.getElementById("upload-row").content.cloneNode(true).firstElementChild;
      this.row = list.appendChild(row);
      this.find(".name").textContent = file.name;
      this.find("progress").setAttribute("aria-label", `Uploading ${file.name}`);
      this.find(".cancel").setAttribute("aria-label", `Cancel uploading ${file.name}`);
      this.find(".again").setAttribute("aria-label", `Upload again: ${file.name}`);
      this.find(".cancel").onclick = () => this.callOff();
      this.find(".again").onclick = () => { batch.of += 1; this.begin(); };
      list.hidden = false;
    }

    find(selector) { return this.row.querySelector(selector); }

    show(state, part, tone = "wait") {
      const shown = this.find(".state");
      shown.className = `state state-${tone}`;
      shown.textContent = state;
      this.find("progress").hidden = part === undefined;
      if (part !== undefined) this.find("progress").value = part;
    }

    // A button that goes while it has the focus leaves it to its row.
    button(name, shown) {
      const button = this.find(`.${name}`);
      if (!shown && button === document.activeElement) this.row.focus();
      button.hidden = !shown;
    }

    complain(text) {
      this.find(".error").textContent = text;
      this.find(".error").hidden = !text;
    }

    begin() {
      const problem = problemWith(this.file);
      this.complain("");
      if (problem) return this.end("not taken", problem);
      this.show("waiting", 0);
      this.button("cancel", true);
      this.button("again", false);
      waiting.push(this);
      next();
    }

    callOff() {
      const at = waiting.indexOf(this);
      if (at < 0) return this.cancel();
      waiting.splice(at, 1);
      this.end("cancelled");
    }

    async run() {
      const result = await (form.dataset.direct ? sendDirect(this) : sendPlain(this));
      if (!result) return this.end("cancelled");
      if (!result.ok || !result.answer.page) return this.end("not taken", reason(result));
      batch.taken += 1;
      this.end("uploaded");
      this.lead(result.answer);
    }

    // To its page, until the gallery below shows it.
    lead({ picture, page }) {
      const link = document.createElement("a");
      link.href = page;
      link.textContent = this.file.name;
      this.find(".name").replaceChildren(link);
      this.card = `picture-${picture}`;
      uploaded.add(this);
      giveWay();
    }

    end(state, problem = "") {
      this.show(state, undefined, state === "uploaded" ? "good" : "bad");
      this.complain(problem);
      this.button("cancel", false);
      this.button("again", state !== "uploaded" && !problemWith(this.file));
      batch.ended += 1;
      if (problem) say(`${this.file.name}: ${problem}`, "error");
      if (batch.ended === batch.of) summarise();
    }
  }

  const summarise = () => {
    const what = batch.of === 1 ? "1 file is" : `${batch.of} files are`;
    const told = batch.taken === batch.of ? `${what} uploaded.` : `${batch.taken} of ${what} uploaded.`;
    if (batch.taken || batch.of > 1) say(told, batch.taken === batch.of ? "success" : "error");
    batch = { taken: 0, ended: 0, of: 0 };
  };

  const next = () => {
    while (waiting.length && running.size < AT_ONCE) {
      const upload = waiting.shift();
      running.add(upload);
      upload.run().finally(() => { running.delete(upload); next(); });
    }
  };

  const take = (files) => {
    if (files.length > mostFiles) {
      return say(`You chose ${files.length} files. Choose at most ${mostFiles} at a time.`, "error");
    }
    batch.of += files.length;
    [...files].map((file) => new Upload(file)).forEach((upload) => upload.begin());
  };

  // To the cards that have come for them.
  const uploaded = new Set();
  const giveWay = () => {
    for (const each of uploaded) {
      if (!document.getElementById(each.card)) continue;
      if (each.row.contains(document.activeElement)) input.focus();
      each.row.remove();
      uploaded.delete(each);
    }
    list.hidden = !list.children.length;
  };
  document.addEventListener("htmx:wsAfterMessage", giveWay);

  // On the window, because live.js keeps the event from the form while the socket is closed.
  window.addEventListener("submit", (event) => {
    if (event.target !== form || !input.files.length) return;
    event.preventDefault();
    take(input.files);
    form.reset();
  }, true);

  // Anywhere on the page: a near miss would make the browser leave it for the file.
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const dropping = (event, over) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    form.classList.toggle("dropping", over);
  };
  document.addEventListener("dragover", (event) => dropping(event, true));
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) dropping(event, false); });
  document.addEventListener("drop", (event) => {
    dropping(event, false);
    if (carriesFiles(event)) take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData && event.clipboardData.files.length) take(event.clipboardData.files);
  });

  window.addEventListener("beforeunload", (event) => { if (running.size || waiting.length) event.preventDefault(); });
})();
