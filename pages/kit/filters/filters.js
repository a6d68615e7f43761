/* Filter chips: what is chosen goes to the page, which writes it into the address and draws anew.

   The page's data may come back while somebody is still typing or has a menu open: then neither is
   touched. Text goes in by textContent only. */
import { element } from "../dom.js";

const bars = new WeakMap();

export default function mount(component) {
  const place = component.parentElement;
  let bar = bars.get(place);
  if (!bar) {
    bar = new Bar(place);
    bars.set(place, bar);
  }
  bar.receive(component);
  return () => {
    bar.close();
    bars.delete(place);
  };
}

class Bar {
  constructor(place) {
    this.root = element("div", "chips");
    this.root.setAttribute("role", "group");
    this.search = element("input", "search");
    this.search.type = "search";
    this.search.addEventListener("input", () => this.typed());
    this.root.append(this.search);
    place.appendChild(this.root);
    this.chips = new Map();
    this.outside = (event) => {
      if (!event.composedPath().includes(this.root)) this.shut();
    };
    document.addEventListener("pointerdown", this.outside);
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.menu) {
        event.stopPropagation();
        const { button } = this.menu;
        this.shut();
        button.focus();
      }
    });
  }

  close() {
    document.removeEventListener("pointerdown", this.outside);
    clearTimeout(this.soon);
  }

  receive({ data, setTriggerValue }) {
    this.trigger = (what) => setTriggerValue("press", { ...what, at: Date.now() });
    this.data = data;
    this.root.setAttribute("aria-label", data.label);
    this.search.placeholder = data.search.placeholder;
    this.search.setAttribute("aria-label", data.search.placeholder);
    this.search.classList.toggle("wide", Boolean(data.search.wide));
    if (this.root.getRootNode().activeElement !== this.search && !this.soon) this.search.value = data.search.value;
    const wanted = new Set(data.chips.map((chip) => chip.key));
    for (const [key, node] of this.chips) {
      if (!wanted.has(key)) {
        node.remove();
        this.chips.delete(key);
      }
    }
    let before = this.search;
    for (const chip of data.chips) {
      let node = this.chips.get(chip.key);
      if (!node) {
        node = this.chip(chip.key);
        this.chips.set(chip.key, node);
      }
      if (before.nextElementSibling !== node) before.after(node);
      before = node;
      this.mend(node, chip);
    }
  }

  chip(key) {
    const node = element("span", "holder");
    const button = element("button", "chip");
    button.addEventListener("click", () => this.pressed(key));
    node.append(button);
    return node;
  }

  mend(node, chip) {
    const button = node.firstChild;
    const count = chip.count === undefined || chip.count === null ? "" : ` ${chip.count}`;
    button.textContent = `${chip.name}${count}`;
    button.classList.toggle("on", Boolean(chip.on));
    button.classList.toggle("drops", Boolean(chip.options));
    if (chip.options) {
      button.setAttribute("aria-haspopup", "true");
      button.setAttribute("aria-expanded", String(this.menu?.key === chip.key));
      if (this.menu?.key === chip.key && !this.menu.list.contains(this.root.getRootNode().activeElement)) this.list(chip);
    } else button.setAttribute("aria-pressed", String(Boolean(chip.on)));
  }

  find(key) {
    return this.data.chips.find((chip) => chip.key === key);
  }

  pressed(key) {
    const chip = this.find(key);
    if (!chip.options) {
      this.trigger({ key, values: chip.on ? [] : ["1"] });
      return;
    }
    const same = this.menu?.key === key;
    this.shut();
    if (!same) this.drop(chip);
  }

  typed() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => {
      this.soon = null;
      this.trigger({ key: "q", values: this.search.value.trim() ? [this.search.value.trim()] : [] });
    }, 300);
  }

  // menus

  drop(chip) {
    const node = this.chips.get(chip.key);
    const list = element("div", "menu");
    node.append(list);
    this.menu = { key: chip.key, list, button: node.firstChild };
    node.firstChild.setAttribute("aria-expanded", "true");
    this.list(chip);
    const { right } = list.getBoundingClientRect();
    if (right > window.innerWidth - 8) list.classList.add("left");
    list.querySelector("input, button")?.focus();
  }

  list(chip) {
    const { list } = this.menu;
    list.replaceChildren();
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", chip.name);
    if (!chip.options.length && !chip.save) list.append(element("p", "none", this.data.words.none));
    for (const option of chip.options) list.append(chip.several || chip.one ? this.option(chip, option) : this.saved(option));
    if (chip.save) list.append(this.saving());
  }

  option(chip, option) {
    const line = element("label", "option");
    const box = element("input");
    box.type = chip.several ? "checkbox" : "radio";
    box.name = chip.key;
    box.checked = option.on;
    box.addEventListener("change", () => {
      for (const other of chip.options) if (other === option || !chip.several) other.on = other === option ? box.checked : false;
      this.trigger({ key: chip.key, values: chip.options.filter((other) => other.on).map((other) => other.value) });
      if (!chip.several) this.shut();
    });
    line.append(box, element("span", "", option.name));
    return line;
  }

  saved(view) {
    const line = element("div", "view");
    const open = element("button", view.on ? "open on" : "open", view.name);
    open.addEventListener("click", () => {
      this.shut();
      this.trigger({ view: view.value });
    });
    line.append(open);
    if (view.shared) line.append(element("small", "", this.data.words.shared));
    if (view.removable) {
      const remove = element("button", "remove", "×");
      remove.setAttribute("aria-label", `${this.data.words.remove}: ${view.name}`);
      remove.title = this.data.words.remove;
      remove.addEventListener("click", () => {
        line.remove();
        this.trigger({ remove: view.value });
      });
      line.append(remove);
    }
    return line;
  }

  saving() {
    const { words, share } = this.data;
    const form = element("form", "save");
    const name = element("input", "search");
    name.placeholder = words.name;
    name.maxLength = 80;
    name.setAttribute("aria-label", words.name);
    const line = element("label", "option");
    const box = element("input");
    box.type = "checkbox";
    line.append(box, element("span", "", words.share));
    line.hidden = !share;
    const save = element("button", "chip on", words.save);
    save.type = "submit";
    form.append(element("p", "none", words.saveThis), name, line, save);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!name.value.trim()) return name.focus();
      this.trigger({ save: name.value.trim(), shared: share && box.checked });
      return this.shut();
    });
    return form;
  }

  shut() {
    if (!this.menu) return;
    this.menu.list.remove();
    this.menu.button.setAttribute("aria-expanded", "false");
    this.menu = null;
  }
}
