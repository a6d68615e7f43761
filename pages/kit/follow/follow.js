/* The links of a page are followed by a rerun instead of a new page; a file is fetched only after its route
   has said that it can be: a download that fails would be a file that nobody can open. */
import { Presses } from "../presses.js";

const followers = new WeakMap();
const DOWNLOAD = "/vault/download/";
const NEWS_AFTER = 400; // ms: what comes together is told once

export default function mount(component) {
  const place = component.parentElement;
  let one = followers.get(place);
  if (!one) {
    one = new Follower(place);
    followers.set(place, one);
  }
  one.receive(component);
  return () => {
    one.close();
    followers.delete(place);
  };
}

class Follower {
  constructor(place) {
    this.said = document.createElement("div");
    this.said.className = "said";
    this.said.setAttribute("role", "alert");
    place.appendChild(this.said);
    this.seq = 0;
    this.presses = new Presses();
    this.click = (event) => this.clicked(event);
    document.addEventListener("click", this.click, true);
  }

  close() {
    document.removeEventListener("click", this.click, true);
    clearTimeout(this.soon);
    this.presses.close();
    this.source?.close();
  }

  receive({ data, setTriggerValue }) {
    this.presses.drawn(setTriggerValue, data !== this.data);
    this.data = data;
    this.seq = Math.max(this.seq, data.seq);
    if (this.project !== data.project) {
      this.project = data.project;
      this.source?.close();
      this.source = new EventSource(`/live?project=${encodeURIComponent(data.project)}`);
      this.source.addEventListener("message", (event) => this.heard(JSON.parse(event.data).seq));
    }
    requestAnimationFrame(() => this.refocus());
  }

  heard(seq) {
    if (seq <= this.seq) return;
    this.seq = seq;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.presses.redraw("news", { seq }), NEWS_AFTER);
  }

  clicked(event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((node) => node.tagName === "A" && node.href);
    if (!link) return;
    const address = new URL(link.href);
    if (address.pathname.startsWith(DOWNLOAD)) {
      event.preventDefault();
      this.fetch(address);
    } else if (link.classList.contains(this.data.link)) {
      event.preventDefault();
      this.left = link.getAttribute("href");
      this.presses.press("go", { query: address.search.slice(1), at: Date.now() });
    }
  }

  /* The list is drawn anew under a link that was pressed by keyboard: it keeps the focus. */
  refocus() {
    if (!this.left || document.activeElement !== document.body) return;
    document.querySelector(`a[href="${CSS.escape(this.left)}"]`)?.focus({ preventScroll: true });
  }

  async fetch(address) {
    const { words } = this.data;
    this.tell("");
    try {
      const asked = new URL(address);
      asked.searchParams.set("look", "1");
      const answer = await fetch(asked);
      if (answer.ok) {
        const link = document.createElement("a");
        link.href = address.href;
        link.download = "";
        link.click();
      } else if (answer.status === 401) this.tell(words.signedOut);
      else this.tell((await answer.json()).reasons.map((reason) => reason.message).join(" "));
    } catch {
      this.tell(words.noAnswer);
    }
  }

  tell(words) {
    this.said.replaceChildren();
    if (!words) return;
    const text = document.createElement("span");
    text.textContent = words;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = this.data.words.close;
    close.addEventListener("click", () => this.tell(""));
    this.said.append(text, close);
  }
}
