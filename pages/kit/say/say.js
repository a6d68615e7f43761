/* A text with @mentions. It is never redrawn while somebody writes; a draft outlives a reload. */
import { element } from "../dom.js";

const boxes = new WeakMap();

export default function mount(component) {
  const place = component.parentElement;
  let box = boxes.get(place);
  if (!box) {
    box = new Box(place);
    boxes.set(place, box);
  }
  box.receive(component);
  return () => boxes.delete(place);
}

class Box {
  constructor(place) {
    this.form = element("form", "box");
    this.text = element("textarea");
    this.text.rows = 3;
    this.names = element("ul", "names");
    this.names.setAttribute("role", "listbox");
    this.names.id = "names";
    this.names.hidden = true;
    this.foot = element("div", "foot");
    this.who = element("small");
    this.internal = element("input");
    this.internal.type = "checkbox";
    this.internalWords = element("span");
    this.line = element("label");
    this.line.append(this.internal, this.internalWords);
    this.send = element("button");
    this.send.type = "submit";
    this.foot.append(this.line, this.send);
    this.form.append(this.text, this.names, this.who, this.foot);
    place.appendChild(this.form);
    this.text.setAttribute("aria-autocomplete", "list");
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.pressed(event));
    this.text.addEventListener("blur", () => setTimeout(() => this.shut(), 150));
    this.internal.addEventListener("change", () => this.reader());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
  }

  receive({ data, setTriggerValue }) {
    const first = this.data?.key !== data.key;
    this.data = data;
    this.trigger = setTriggerValue;
    const { words } = data;
    this.text.placeholder = words.placeholder;
    this.text.setAttribute("aria-label", words.label);
    this.names.setAttribute("aria-label", words.suggestions);
    this.send.textContent = words.send;
    this.internalWords.textContent = words.internal;
    this.line.hidden = !data.notes;
    if (first) this.text.value = sessionStorage.getItem(`accord-${data.key}`) ?? "";
    this.reader();
  }

  reader() {
    const { words } = this.data;
    this.who.textContent = this.internal.checked ? words.team : words.all;
    this.form.classList.toggle("internal", this.internal.checked);
  }

  typed() {
    sessionStorage.setItem(`accord-${this.data.key}`, this.text.value);
    const before = this.text.value.slice(0, this.text.selectionStart);
    const at = before.match(/@([^@\n]{0,30})$/);
    const asked = at ? at[1].toLocaleLowerCase() : null;
    const found = asked === null ? [] : this.data.people.filter((name) => name.toLocaleLowerCase().includes(asked) && name.toLocaleLowerCase() !== asked).slice(0, 6);
    this.names.replaceChildren(
      ...found.map((name, index) => {
        const line = element("li", index ? "" : "on", name);
        line.setAttribute("role", "option");
        line.id = `name-${index}`;
        line.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          this.mention(name);
        });
        return line;
      }),
    );
    this.names.hidden = !found.length;
    this.mark(0);
  }

  mark(index) {
    this.at = index;
    [...this.names.children].forEach((line, place) => {
      line.classList.toggle("on", place === index);
      line.setAttribute("aria-selected", String(place === index));
    });
    if (this.names.hidden) this.text.removeAttribute("aria-activedescendant");
    else this.text.setAttribute("aria-activedescendant", `name-${index}`);
  }

  pressed(event) {
    const count = this.names.hidden ? 0 : this.names.children.length;
    if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.mark((this.at + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (count && !event.isComposing && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      this.mention(this.names.children[this.at].textContent);
    } else if (count && event.key === "Escape") {
      event.stopPropagation();
      this.shut();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.say();
    }
  }

  mention(name) {
    const caret = this.text.selectionStart;
    const before = this.text.value.slice(0, caret).replace(/@[^@\n]{0,30}$/, `@${name} `);
    this.text.value = before + this.text.value.slice(caret);
    this.text.setSelectionRange(before.length, before.length);
    this.text.focus();
    this.shut();
    sessionStorage.setItem(`accord-${this.data.key}`, this.text.value);
  }

  shut() {
    this.names.hidden = true;
    this.mark(0);
  }

  say() {
    const text = this.text.value.trim();
    if (!text) return this.text.focus();
    this.trigger("said", { text, internal: this.data.notes && this.internal.checked, at: Date.now() });
    this.text.value = "";
    return sessionStorage.removeItem(`accord-${this.data.key}`);
  }
}
