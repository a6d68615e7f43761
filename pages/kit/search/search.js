/* Find anything: opens by Ctrl K, asks /vault/search as one types, leads to what is chosen.

   Everything that people wrote goes in by textContent. */
import { element } from "../dom.js";

const finders = new WeakMap();
const SOON = 120; // ms after the last key

export default function mount(component) {
  const place = component.parentElement;
  let one = finders.get(place);
  if (!one) {
    one = new Finder(place);
    finders.set(place, one);
  }
  one.receive(component.data);
  return () => {
    one.close();
    finders.delete(place);
  };
}

function written(node, pieces) {
  for (const [text, on] of pieces) node.append(on ? element("mark", "", text) : text);
  return node;
}

class Finder {
  constructor(place) {
    this.button = element("button", "field");
    this.label = element("span", "");
    this.button.append(element("i", "glass"), this.label, element("kbd", "", navigator.platform.startsWith("Mac") ? "⌘ K" : "Ctrl K"));
    this.button.addEventListener("click", () => this.open());
    this.dialog = element("dialog", "");
    this.input = element("input", "");
    this.input.type = "text";
    this.input.autocomplete = "off";
    this.input.spellcheck = false;
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-controls", "found");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-expanded", "false");
    this.shut = element("button", "shut", "×");
    this.shut.addEventListener("click", () => this.dialog.close());
    const bar = element("div", "bar");
    bar.append(element("i", "glass"), this.input, this.shut);
    this.list = element("div", "list");
    this.list.id = "found";
    this.list.setAttribute("role", "listbox");
    this.said = element("p", "said");
    this.said.setAttribute("role", "status");
    this.all = element("a", "all");
    this.dialog.append(bar, this.list, this.said, this.all);
    place.append(this.button, this.dialog);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.key = (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        this.open();
      }
    };
    document.addEventListener("keydown", this.key);
  }

  close() {
    document.removeEventListener("keydown", this.key);
    clearTimeout(this.soon);
    this.asking?.abort();
  }

  receive(data) {
    this.data = data;
    const { words } = data;
    this.label.textContent = words.find;
    this.button.setAttribute("aria-label", words.find);
    this.dialog.setAttribute("aria-label", words.find);
    this.input.placeholder = words.hint;
    this.input.setAttribute("aria-label", words.find);
    this.list.setAttribute("aria-label", words.all);
    this.shut.setAttribute("aria-label", words.close);
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
    this.input.focus();
    this.input.select();
    if (!this.input.value) this.show(null);
  }

  typed() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.ask(), SOON);
  }

  async ask() {
    const q = this.input.value.trim();
    this.asking?.abort();
    if (!q) {
      this.show(null);
      return;
    }
    this.asking = new AbortController();
    const { words, project } = this.data;
    try {
      const asked = new URLSearchParams({ project, q });
      const answer = await fetch(`/vault/search?${asked}`, { signal: this.asking.signal });
      if (answer.status === 401) this.tell(words.signedOut);
      else if (!answer.ok) this.tell((await answer.json().catch(() => ({}))).message || words.noAnswer);
      else this.show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.tell(words.noAnswer);
    }
  }

  tell(text) {
    this.show(null);
    this.said.textContent = text;
  }

  show(found) {
    const { words } = this.data;
    this.list.replaceChildren();
    this.options = [];
    this.said.textContent = "";
    this.all.hidden = true;
    for (const [name, lines] of found ? [["requirements", found.requirements], ["documents", found.documents]] : []) {
      if (!lines.length) continue;
      const group = element("div", "group");
      const head = element("p", "head", words[name]);
      head.id = `head-${name}`;
      group.setAttribute("role", "group");
      group.setAttribute("aria-labelledby", head.id);
      group.append(head, ...lines.map((line) => this.option(line)));
      this.list.append(group);
    }
    if (found) {
      this.said.textContent = found.remarks.length ? found.remarks.join(" ") : this.options.length ? "" : words.nothing;
      this.all.hidden = !found.total;
      this.all.href = found.href;
      this.all.textContent = found.totalText;
    }
    this.input.setAttribute("aria-expanded", String(this.options.length > 0));
    this.choose(this.options.length ? 0 : -1);
  }

  option(line) {
    const link = element("a", "option");
    link.href = line.href;
    link.id = `option-${this.options.length}`;
    link.tabIndex = -1;
    link.setAttribute("role", "option");
    const title = element("span", "title");
    title.append(element("b", "", line.code), " ");
    written(title, line.title);
    link.append(title);
    if (line.place) title.append(element("small", "", line.place));
    if (line.snippet?.length) link.append(written(element("span", "snippet"), line.snippet));
    const at = this.options.length;
    link.addEventListener("mousemove", () => this.choose(at));
    this.options.push(link);
    return link;
  }

  choose(at) {
    this.at = at;
    this.options?.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    const chosen = this.options?.[at];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    const count = this.options?.length || 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count) this.choose((this.at + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const chosen = this.options?.[this.at];
      if (event.ctrlKey && !this.all.hidden) this.all.click();
      else if (chosen) chosen.click();
    }
  }
}
