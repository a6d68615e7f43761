/* Files are made ready (class, title, who may read), then go straight to the streaming route, one after the
   other, each with progress, cancel and retry. A box outlives the page's reruns, and what is under way also
   another page: a queue of fifty files must not be lost by a click. */
import { element } from "../dom.js";
import { Line } from "./line.js";

const boxes = new Map();

export default function mount(component) {
  const { data, parentElement: place } = component;
  let box = boxes.get(data.key);
  if (!box) {
    box = new Box();
    boxes.set(data.key, box);
  }
  if (box.root.parentNode !== place) place.appendChild(box.root);
  box.receive(component);
  return () => {
    if (box.root.parentNode !== place) return;
    box.root.remove();
    box.away();
    if (!box.staged.length && !box.lines.length) boxes.delete(data.key);
  };
}

const PICTURE =
  '<svg viewBox="0 0 18 22" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><path d="M2 1h9l5 5v15H2zM11 1v5h5"/></svg>';

class Box {
  constructor() {
    this.staged = [];
    this.lines = [];
    this.running = null;
    this.fresh = 0;
    this.here = false;
    this.root = element("div", "uploader");
    this.strip();
    this.sheet();
    this.sent = element("div", "sent");
    this.sent.hidden = true;
    this.done = element("b");
    this.done.setAttribute("role", "status");
    this.clear = element("button", "bare");
    this.clear.addEventListener("click", () => (this.busy() ? this.cancelAll() : this.tidy()));
    const bar = element("div", "bar");
    bar.append(this.done, this.clear);
    this.list = element("ul");
    this.sent.append(bar, this.list);
    this.root.append(this.sent);
    this.over = (event) => this.hover(event);
    this.dropped = (event) => this.fall(event);
    this.out = (event) => {
      if (!event.relatedTarget) this.drop.classList.remove("over");
    };
    this.stay = (event) => {
      if (this.busy()) event.preventDefault();
    };
    // Also on another page: closing the tab would cut the queue off.
    window.addEventListener("beforeunload", this.stay);
  }

  strip() {
    this.drop = element("div", "drop");
    this.drop.innerHTML = PICTURE;
    this.hint = element("p");
    this.pick = element("button", "main");
    this.input = element("input");
    this.input.type = "file";
    this.input.hidden = true;
    this.drop.append(this.hint, this.pick, this.input);
    this.root.append(this.drop);
    this.pick.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      this.take([...this.input.files]);
      this.input.value = "";
    });
  }

  sheet() {
    this.form = element("form", "staged");
    this.form.hidden = true;
    this.heading = element("b");
    this.all = element("div", "all");
    this.rows = element("ul", "rows");
    this.readers = element("p", "readers");
    this.readers.setAttribute("aria-live", "polite");
    this.wrong = element("p", "wrong");
    this.wrong.setAttribute("role", "alert");
    this.go = element("button", "main");
    this.go.type = "submit";
    this.leave = element("button");
    this.leave.addEventListener("click", () => this.unstage());
    const bar = element("div", "bar");
    bar.append(this.heading, this.leave, this.go);
    this.form.append(this.all, this.rows, this.readers, this.wrong, bar);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.root.append(this.form);
  }

  away() {
    this.here = false;
    document.removeEventListener("dragover", this.over);
    document.removeEventListener("dragleave", this.out);
    document.removeEventListener("drop", this.dropped);
  }

  receive({ data, setTriggerValue }) {
    if (!this.here) {
      this.here = true;
      document.addEventListener("dragover", this.over);
      document.addEventListener("dragleave", this.out);
      document.addEventListener("drop", this.dropped);
    }
    this.trigger = setTriggerValue;
    if (JSON.stringify(this.data) === JSON.stringify(data)) return;
    const known = this.data;
    this.data = data;
    const { words } = data;
    this.root.classList.toggle("next", Boolean(data.document));
    this.pick.textContent = words.pick;
    const usual = data.clearances.find(([value]) => value === data.usual)?.[1] ?? "";
    // Chinese sentences follow each other without a space.
    const space = words.hint.endsWith("。") ? "" : " ";
    this.hint.textContent = data.document ? words.hint : words.hint.replace("{clearance}", usual) + space + (data.readers[data.usual] ?? "");
    this.input.multiple = !data.document;
    this.input.setAttribute("aria-label", words.pick);
    this.leave.textContent = words.leave;
    // What is being filled in is drawn anew only when its words or choices are others now.
    if (!known || JSON.stringify([known.words, known.classes, known.clearances]) !== JSON.stringify([words, data.classes, data.clearances])) {
      this.choices();
      this.staged.forEach((one) => this.row(one));
      this.lines.forEach((line) => line.speak(words));
    }
    this.tell();
  }

  // dropping

  mine(event) {
    const boxes = event.composedPath().filter((node) => node.classList?.contains("uploader"));
    return boxes.length ? boxes[0] === this.root : !this.data.document;
  }

  hover(event) {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    this.drop.classList.toggle("over", this.mine(event));
  }

  fall(event) {
    this.drop.classList.remove("over");
    if (!event.dataTransfer?.files.length || !this.mine(event)) return;
    event.preventDefault();
    this.take([...event.dataTransfer.files]);
  }

  // making ready

  choices() {
    const { words, document: next, classes, clearances } = this.data;
    const chosen = { class: this.class?.value, clearance: this.clearance?.value, note: this.note?.value };
    this.all.replaceChildren();
    this.all.className = next ? "" : "all";
    if (next) {
      this.note = this.labelled(words.note, element("input"));
      this.note.value = chosen.note ?? "";
      return;
    }
    this.all.append(element("span", "", words.forAll));
    this.class = this.labelled(words.class, this.select([["", words.chooseClass], ...classes], chosen.class ?? ""));
    this.clearance = this.labelled(words.clearance, this.select(clearances, chosen.clearance ?? this.data.usual));
    this.class.addEventListener("change", () => this.forAll("class", this.class.value));
    this.clearance.addEventListener("change", () => this.forAll("clearance", this.clearance.value));
  }

  labelled(words, control) {
    const label = element("label", this.data.document ? "note" : "", words);
    label.append(control);
    control.setAttribute("aria-label", words);
    this.all.append(label);
    return control;
  }

  select(options, chosen) {
    const control = element("select");
    for (const [value, words] of options) control.append(new Option(words, value, false, value === chosen));
    return control;
  }

  forAll(field, value) {
    for (const one of this.staged) {
      one[field] = value;
      this.row(one);
    }
    this.tell();
  }

  take(files) {
    const { data } = this;
    if (data.document) this.staged = [];
    for (const file of data.document ? files.slice(0, 1) : files) {
      const class_ = data.document ? data.class : this.class.value;
      const stem = file.name.replace(/(.)\.[^.]*$/u, "$1").replaceAll("_", " ").trim();
      this.staged.push({ file, title: stem || file.name, class: class_, clearance: this.clearance?.value ?? data.usual, node: element("li") });
    }
    this.rows.replaceChildren(...this.staged.map((one) => this.row(one)));
    this.tell();
    this.form.querySelector("select, input")?.focus();
  }

  /* The line of a file that is not sent yet, with its fields. */
  row(one) {
    const { words, document: next, classes, clearances } = this.data;
    const name = element("span", "file");
    const bdi = element("bdi", "", one.file.name);
    name.append(bdi, " ", element("small", "", size(one.file.size)));
    const remove = element("button", "bare", "×");
    remove.setAttribute("aria-label", words.leaveOut.replace("{name}", one.file.name));
    remove.addEventListener("click", () => {
      this.staged = this.staged.filter((other) => other !== one);
      one.node.remove();
      this.tell();
    });
    if (next) {
      one.node.replaceChildren(name, remove);
      return one.node;
    }
    const title = element("input", "title");
    title.value = one.title;
    title.maxLength = 300;
    title.dir = "auto";
    const fields = [
      [words.title, title, "title"],
      [words.class, this.select([["", words.chooseClass], ...classes], one.class), "class"],
      [words.clearance, this.select(clearances, one.clearance), "clearance"],
    ];
    for (const [field, control, key] of fields) {
      control.setAttribute("aria-label", words.of.replace("{field}", field).replace("{name}", one.file.name));
      control.addEventListener("input", () => {
        one[key] = control.value;
        control.removeAttribute("aria-invalid");
        this.tell();
      });
    }
    one.choose = fields[1][1];
    one.node.replaceChildren(name, ...fields.map(([, control]) => control), remove);
    return one.node;
  }

  /* Who will read what is ready, and whether anything is wrong with it. */
  tell() {
    const { words, readers, clearances } = this.data;
    this.form.hidden = !this.staged.length;
    this.all.hidden = !this.data.document && this.staged.length < 2;
    this.heading.textContent = words.staged;
    this.go.textContent = words.send.replace("{count}", this.staged.length);
    this.wrong.textContent = "";
    const told = new Map();
    for (const [value, name] of this.data.document ? [[this.data.usual, ""]] : clearances) {
      for (const one of this.staged.filter((file) => this.data.document || this.level(file) === value)) {
        // A rule may let some read less of a class than of the others.
        const special = readers[`${one.class}/${value}`];
        const about = special ? `${name}, ${this.data.classes.find(([key]) => key === one.class)?.[1] ?? ""}` : name;
        told.set(about, special ?? readers[value] ?? "");
      }
    }
    // A class may ask for more than was chosen: the higher of the two holds.
    const raised = new Set(this.staged.filter((one) => !this.data.document && this.level(one) !== one.clearance).map((one) => one.class));
    for (const key of raised) told.set(this.data.least[key].words, "");
    this.readers.replaceChildren(
      ...[...told].flatMap(([about, words]) => [
        element("span", "", words ? (told.size > 1 ? `${about}: ` : "") + words : about), element("br"),
      ]),
    );
  }

  /* The clearance that a file will have. */
  level(one) {
    const { least, order } = this.data;
    const other = least[one.class]?.clearance;
    return other && order.indexOf(other) > order.indexOf(one.clearance) ? other : one.clearance;
  }

  unstage() {
    this.staged = [];
    this.rows.replaceChildren();
    this.tell();
    this.pick.focus();
  }

  send() {
    const { data } = this;
    const without = this.staged.filter((one) => !one.class);
    if (without.length) {
      for (const one of without) one.choose.setAttribute("aria-invalid", "true");
      this.wrong.textContent = data.words.needsClass;
      without[0].choose.focus();
      return;
    }
    for (const one of this.staged) {
      const asked = { project: data.project, name: one.file.name, class: one.class };
      if (data.document) Object.assign(asked, { document: data.document, note: this.note.value });
      else Object.assign(asked, { clearance: one.clearance, title: one.title });
      const line = new Line(one.file, asked, data.words, () => this.press(line));
      this.lines.push(line);
      this.list.append(line.node);
      if (one.file.size > data.limit) line.refused(data.words.tooLarge, { again: false });
    }
    if (this.note) this.note.value = "";
    this.unstage();
    this.next();
  }

  // sending

  busy() {
    return this.lines.some((line) => line.state === "waiting" || line.state === "running");
  }

  press(line) {
    if (line.state === "running") line.request.abort();
    else if (line.state === "waiting") line.refused(this.data.words.cancelled);
    else line.wait();
    this.next();
  }

  cancelAll() {
    for (const line of this.lines) if (line.state === "waiting") line.refused(this.data.words.cancelled);
    this.running?.request.abort();
    this.count();
  }

  tidy() {
    this.lines = [];
    this.list.replaceChildren();
    this.count();
    this.pick.focus();
  }

  count() {
    const { words } = this.data;
    const over = this.lines.filter((line) => line.state === "over" || line.state === "refused").length;
    this.sent.hidden = !this.lines.length;
    this.done.textContent = words.progress.replace("{done}", over).replace("{total}", this.lines.length);
    this.clear.textContent = this.busy() ? words.cancelAll : words.clear;
  }

  next() {
    this.count();
    if (this.running) return;
    const line = this.lines.find((one) => one.state === "waiting");
    if (!line) {
      if (this.fresh && this.here) this.trigger("stored", { count: this.fresh, at: Date.now() });
      this.fresh = 0;
      return;
    }
    this.running = line;
    line.send((stored) => {
      this.running = null;
      if (stored) this.fresh += 1;
      this.next();
    });
  }
}

function size(bytes) {
  let number = bytes;
  let unit = "B";
  for (const bigger of ["KB", "MB", "GB"]) {
    if (number < 1000) break;
    number /= 1000;
    unit = bigger;
  }
  return `${number.toLocaleString(document.documentElement.lang || undefined, { maximumFractionDigits: unit === "B" ? 0 : 1 })} ${unit}`;
}
