/* A version on the screen: a button, and the large sheet that it opens. What was uploaded is drawn in a frame
   without an origin; this script fetches the bytes with the reader's session and hands them in through a port.
   Links with the class ac-preview and a version behind # open the sheet as well. */
import { element, fill } from "../dom.js";

const shown = new WeakMap();
const fetched = new Map(); // address -> promise of text: scripts that frames are given
const PARTS = {
  pdf: { script: "pdf.js", libraries: ["pdf.min.mjs", "pdf.worker.min.mjs"] },
  word: { script: "word.js", libraries: ["jszip.min.js", "docx-preview.min.js"] },
  markdown: { script: "plain.js", libraries: ["markdown-it.min.js"] },
  image: { script: "image.js", libraries: [] },
  table: { script: "table.js", libraries: [] },
  text: { script: "plain.js", libraries: [] },
  mail: { script: "plain.js", libraries: [] },
  places: { script: "plain.js", libraries: [] },
};
const BESIDE = /^(cmaps|standard_fonts|wasm)\/[\w.-]+$/; // files that a frame may ask for
const COLOURS = ["ground", "surface", "ink", "quiet", "line", "accent", "accent-soft"];
const SOON = 300; // ms before it is said that something takes time
const PATIENCE = 45_000; // ms for a frame to draw what it was given

export default function mount(component) {
  const place = component.parentElement;
  let one = shown.get(place);
  if (!one) {
    one = new Preview(place);
    shown.set(place, one);
  }
  one.receive(component.data);
  return () => {
    one.gone();
    shown.delete(place);
  };
}

/** A script of ours as text, fetched once. */
function script(address) {
  if (!fetched.has(address)) {
    const asked = fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(address);
      return answer.text();
    });
    asked.catch(() => fetched.delete(address));
    fetched.set(address, asked);
  }
  return fetched.get(address);
}

class Preview {
  constructor(place) {
    this.button = element("button", "opens");
    this.button.type = "button";
    this.button.addEventListener("click", () => this.open(this.data.version));
    for (const near of ["pointerenter", "focus"]) this.button.addEventListener(near, () => this.warm(this.data.files[this.data.version]?.[0]));
    this.dialog = element("dialog", "whole");
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    place.append(this.button, this.dialog);
    this.click = (event) => this.clicked(event);
    document.addEventListener("click", this.click, true);
  }

  gone() {
    document.removeEventListener("click", this.click, true);
    this.closed();
  }

  receive(data) {
    this.data = data;
    this.words = data.words;
    this.number = new Intl.NumberFormat(data.language);
    this.button.textContent = this.words.preview;
  }

  clicked(event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((node) => node.tagName === "A" && node.classList?.contains("ac-preview"));
    const version = link?.hash.match(/^#preview-(\d+)$/)?.[1];
    if (!version || !this.data.files[version]) return;
    event.preventDefault();
    this.open(Number(version));
  }

  /* The sheet */

  build() {
    const { words } = this;
    const bar = element("header", "bar");
    this.title = element("h2", "title");
    this.title.id = "title";
    this.title.dir = "auto";
    this.about = element("p", "about");
    const name = element("div", "name");
    name.append(this.title, this.about);
    this.walk = element("div", "group");
    this.field = element("input");
    this.field.inputMode = "numeric";
    this.field.setAttribute("aria-label", words.page);
    this.field.addEventListener("change", () => this.go(Number.parseInt(this.field.value, 10) || this.page));
    this.of = element("span", "of");
    this.back = this.press("‹", words.previous, () => this.go(this.page - 1));
    this.on = this.press("›", words.next, () => this.go(this.page + 1));
    this.walk.append(this.back, this.field, this.of, this.on);
    this.zooming = element("div", "group");
    this.percent = this.press("", words.fit, () => this.send({ do: "zoom", to: "fit" }));
    this.percent.classList.add("percent");
    this.wide = this.press("↔", words.width, () => this.send({ do: "zoom", to: "width" }));
    this.wide.classList.add("wide");
    this.zooming.append(
      this.press("−", words.smaller, () => this.send({ do: "zoom", by: -1 })), this.percent,
      this.press("+", words.larger, () => this.send({ do: "zoom", by: 1 })),
      this.wide,
    );
    this.fetching = element("a", "plain", words.fetch);
    this.fetching.download = "";
    const close = this.press("✕", words.close, () => this.dialog.close());
    close.classList.add("close");
    bar.append(name, this.walk, this.zooming, this.fetching, close);
    this.notes = element("ul", "notes");
    this.stage = element("div", "stage");
    this.link = element("div", "link");
    this.link.setAttribute("role", "status");
    this.dialog.setAttribute("aria-labelledby", "title");
    this.dialog.replaceChildren(bar, this.notes, this.stage, this.link);
  }

  press(sign, label, pressed) {
    const button = element("button", "", sign);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.title = label;
    button.addEventListener("click", pressed);
    return button;
  }

  async open(version) {
    if (this.dialog.open) return;
    const { data, words } = this;
    const [kind, file] = data.files[version];
    // A frame that was made ready while the pointer came near stands in the sheet already.
    if (this.frame?.kind !== kind) this.unload();
    if (!this.stage) this.build();
    const opening = new AbortController();
    this.opening = opening;
    this.title.textContent = data.title;
    this.about.textContent = `${data.code} v${version} · ${file}`;
    this.fetching.href = `/vault/download/${data.document}/${version}`;
    this.walk.hidden = this.zooming.hidden = true;
    this.notes.replaceChildren();
    this.link.replaceChildren();
    this.saying?.remove();
    this.dialog.showModal();
    this.slow = setTimeout(() => this.wait(), SOON);
    this.warm(kind);
    let answer;
    let content;
    try {
      answer = await fetch(`/vault/preview/${encodeURIComponent(data.document)}/${version}`, { signal: opening.signal });
      if (answer.ok) content = await answer.arrayBuffer();
    } catch {
      if (!opening.signal.aborted) this.tell(words.broken);
      return;
    }
    if (opening.signal.aborted) return;
    if (!answer.ok) {
      const refused = answer.status === 401 ? null : await answer.json().catch(() => null);
      this.tell(answer.status === 401 ? words.ended : refused?.reasons.map((reason) => reason.message).join(" ") ?? words.broken);
      return;
    }
    const about = JSON.parse(answer.headers.get("accord-preview"));
    for (const note of about.notes) this.notes.appendChild(element("li", "", note));
    if (about.kind !== kind) {
      this.unload();
      this.warm(about.kind);
    }
    const { frame } = this;
    this.patience = setTimeout(() => this.tell(words.slow), PATIENCE);
    try {
      await frame.ready;
    } catch {
      if (frame === this.frame && !opening.signal.aborted) this.tell(words.broken);
      return;
    }
    if (frame === this.frame && !opening.signal.aborted) frame.port.postMessage({ do: "show", content }, [content]);
  }

  closed() {
    this.opening?.abort();
    clearTimeout(this.slow);
    clearTimeout(this.patience);
    this.unload();
    this.dialog.replaceChildren();
    this.stage = this.saying = null;
  }

  wait() {
    this.say(element("p", "", this.words.opening), "status");
  }

  /** The sentence that stands where nothing is shown; the way out stands in the bar. */
  tell(words) {
    this.unload();
    this.walk.hidden = this.zooming.hidden = true;
    const out = this.fetching.cloneNode(true);
    out.className = "opens";
    this.say(element("p", "", words), "alert").appendChild(out);
  }

  say(node, role) {
    clearTimeout(this.slow);
    this.saying?.remove();
    this.saying = element("div", "said");
    this.saying.setAttribute("role", role);
    this.saying.appendChild(node);
    this.stage.appendChild(this.saying);
    return this.saying;
  }

  /* The frame */

  /** Make a frame ready for a kind: its scripts are there before the bytes come. */
  warm(kind) {
    if (!PARTS[kind] || this.frame) return;
    if (!this.stage) this.build();
    const node = element("iframe");
    node.setAttribute("sandbox", "allow-scripts"); // and no allow-same-origin: it is nobody
    node.setAttribute("allow", "");
    node.referrerPolicy = "no-referrer";
    node.title = this.words.frame;
    const frame = { kind, node };
    this.frame = frame;
    const channel = new MessageChannel();
    frame.port = channel.port1;
    frame.port.onmessage = (event) => frame === this.frame && this.heard(event.data);
    const there = new Promise((done) => {
      frame.listen = (event) => event.source === node.contentWindow && event.data === "ready" && done();
      window.addEventListener("message", frame.listen);
    });
    const { script: part, libraries } = PARTS[kind];
    const base = this.data.base;
    const texts = Promise.all([
      ...["frame.js", part, "frame.css"].map((name) => script(`${base}frame/${name}`)),
      ...libraries.map((name) => script(`${base}vendor/${name}`)),
    ]);
    frame.ready = Promise.all([texts, there]).then(([[first, second, style, ...rest]]) => {
      const look = getComputedStyle(this.button);
      node.contentWindow.postMessage(
        {
          frame: first, part: second, style, kind, language: this.data.language, words: this.data.inside,
          libraries: Object.fromEntries(libraries.map((name, index) => [name, rest[index]])),
          colours: Object.fromEntries(COLOURS.map((name) => [name, look.getPropertyValue(`--${name}`)])),
        },
        "*", // it has no origin that could be named; only our own page may stand in it (frame-src)
        [channel.port2],
      );
    });
    frame.ready.catch(() => {});
    node.src = this.data.frame;
    this.stage.prepend(node);
  }

  unload() {
    clearTimeout(this.patience);
    if (!this.frame) return;
    window.removeEventListener("message", this.frame.listen);
    this.frame.port.close();
    this.frame.node.remove();
    this.frame = null;
  }

  send(what) {
    this.frame?.port.postMessage(what);
  }

  heard(told) {
    if (told.said === "shown") this.drawn(told);
    else if (told.said === "failed") {
      console.info(`Preview: ${told.about}`);
      this.tell(this.words[`failed-${told.why}`] ?? this.words["failed-unreadable"]);
    } else if (told.said === "page") this.at(told.page);
    else if (told.said === "zoomed") {
      this.percent.textContent = `${this.number.format(told.percent)} %`;
      this.percent.setAttribute("aria-pressed", told.to === "fit");
    } else if (told.said === "link") this.leads(told.address);
    else if (told.said === "key") this.key(new KeyboardEvent("keydown", { key: told.key }));
    else if (told.said === "want") this.hand(told.name);
  }

  drawn({ pages, wraps, tabs }) {
    clearTimeout(this.slow);
    clearTimeout(this.patience);
    this.saying?.remove();
    this.pages = pages;
    this.walk.hidden = pages < 2 || tabs;
    this.wide.hidden = wraps;
    this.zooming.hidden = false;
    this.of.textContent = fill(this.words.of, { count: this.number.format(pages) });
    this.at(1);
    // The arrow keys scroll what is shown, unless somebody has gone elsewhere meanwhile.
    if (!this.dialog.querySelector(":focus-visible")) this.frame.node.focus({ preventScroll: true });
  }

  at(page) {
    this.page = page;
    if (this.field.getRootNode().activeElement !== this.field) this.field.value = page;
    this.back.disabled = page <= 1;
    this.on.disabled = page >= this.pages;
  }

  go(page) {
    const wanted = Math.min(Math.max(1, page), this.pages);
    this.field.value = wanted;
    this.send({ do: "go", page: wanted });
  }

  key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.dialog.close();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.composedPath()[0] === this.field) return;
    const does = {
      PageDown: () => this.go(this.page + 1), PageUp: () => this.go(this.page - 1),
      n: () => this.go(this.page + 1), p: () => this.go(this.page - 1),
      "+": () => this.send({ do: "zoom", by: 1 }), "=": () => this.send({ do: "zoom", by: 1 }),
      "-": () => this.send({ do: "zoom", by: -1 }), 0: () => this.send({ do: "zoom", to: "fit" }),
    }[event.key];
    if (!does || !this.frame || this.zooming.hidden) return;
    event.preventDefault();
    does();
  }

  /** Where a link of the document leads is said; whether one goes there is the reader's choice. */
  leads(address) {
    if (!/^(https?|mailto):/i.test(address)) return; // what comes out of the frame is a stranger's word
    const to = element("a", "", this.words.open);
    to.href = address;
    to.target = "_blank";
    to.rel = "noopener noreferrer";
    const shut = this.press("✕", this.words.dismiss, () => this.link.replaceChildren());
    this.link.replaceChildren(element("span", "", `${this.words.leads} `), element("bdi", "", address.slice(0, 400)), to, shut);
  }

  /** A file beside the libraries for the frame, by its name; nothing else is fetched for it. */
  async hand(name) {
    const { frame } = this;
    let content = null;
    if (BESIDE.test(name)) {
      const answer = await fetch(`${this.data.base}vendor/${name}`).catch(() => null);
      if (answer?.ok) content = await answer.arrayBuffer();
    }
    frame.port.postMessage({ do: "file", name, content });
  }
}
