/* Files go straight to the streaming route, one after the other, each with progress, cancel and retry. */
const boxes = new WeakMap();

export default function mount(component) {
  const place = component.parentElement;
  let box = boxes.get(place);
  if (!box) {
    box = new Box(place);
    boxes.set(place, box);
  }
  box.receive(component);
  return () => {
    boxes.delete(place);
    box.leave();
  };
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

class Box {
  constructor(place) {
    this.waiting = [];
    this.running = null;
    this.stored = 0;
    this.root = element("div", "uploader");
    this.choices = element("div", "choices");
    this.drop = element("div", "drop");
    this.pick = element("button", "pick");
    this.pick.type = "button";
    this.hint = element("span");
    this.input = element("input");
    this.input.type = "file";
    this.input.hidden = true;
    this.drop.append(this.pick, this.hint, this.input);
    this.readers = element("p", "readers");
    this.list = element("ul");
    this.list.setAttribute("aria-live", "polite");
    this.root.append(this.choices, this.readers, this.drop, this.list);
    place.appendChild(this.root);
    this.pick.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      this.take([...this.input.files]);
      this.input.value = "";
    });
    this.drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.drop.classList.add("over");
    });
    this.drop.addEventListener("dragleave", () => this.drop.classList.remove("over"));
    this.drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.drop.classList.remove("over");
      this.take([...event.dataTransfer.files]);
    });
    this.stay = (event) => {
      if (this.running) event.preventDefault();
    };
    window.addEventListener("beforeunload", this.stay);
  }

  leave() {
    window.removeEventListener("beforeunload", this.stay);
  }

  receive({ data, setTriggerValue }) {
    const first = JSON.stringify(this.data) !== JSON.stringify(data);
    this.data = data;
    this.trigger = setTriggerValue;
    if (!first) return;
    const { words } = data;
    this.pick.textContent = words.pick;
    this.hint.textContent = words.hint;
    this.input.multiple = !data.document;
    this.input.setAttribute("aria-label", words.pick);
    const chosen = { class: this.class?.value, clearance: this.clearance?.value };
    this.choices.replaceChildren();
    if (data.document) {
      this.class = this.clearance = null;
      this.note = this.field(words.note, element("input"));
    } else {
      this.note = null;
      this.class = this.field(words.class, this.select(data.classes, chosen.class));
      this.clearance = this.field(words.clearance, this.select(data.clearances, chosen.clearance ?? data.usual));
      this.clearance.addEventListener("change", () => this.who());
    }
    this.who();
  }

  field(words, control) {
    const label = element("label", "", words);
    label.append(control);
    this.choices.append(label);
    return control;
  }

  select(options, chosen) {
    const control = element("select");
    for (const [value, words] of options) control.append(new Option(words, value, false, value === chosen));
    return control;
  }

  who() {
    this.readers.textContent = this.data.readers[this.clearance ? this.clearance.value : this.data.usual] ?? "";
  }

  take(files) {
    for (const file of files) this.waiting.push(this.line(file));
    this.next();
  }

  line(file) {
    const line = { file, node: element("li") };
    line.name = element("b", "", file.name);
    line.bar = element("progress");
    line.bar.max = 1;
    line.bar.value = 0;
    line.bar.setAttribute("aria-label", file.name);
    line.said = element("span", "said", this.data.words.waiting);
    line.act = element("button", "act", this.data.words.cancel);
    line.act.type = "button";
    line.act.addEventListener("click", () => this.press(line));
    line.node.append(line.name, line.bar, line.said, line.act);
    line.asked = {
      project: this.data.project, name: file.name,
      class: this.class ? this.class.value : this.data.class,
      ...(this.clearance ? { clearance: this.clearance.value } : {}),
      ...(this.data.document ? { document: this.data.document, note: this.note.value } : {}),
    };
    this.list.append(line.node);
    return line;
  }

  press(line) {
    if (line === this.running) line.request.abort();
    else if (this.waiting.includes(line)) {
      this.waiting = this.waiting.filter((one) => one !== line);
      line.node.remove();
    } else {
      this.waiting.push(line);
      this.next();
    }
  }

  next() {
    if (this.running) return;
    const line = this.waiting.shift();
    if (!line) {
      if (this.stored) this.trigger("stored", { count: this.stored, at: Date.now() });
      this.stored = 0;
      return;
    }
    this.running = line;
    const { words } = this.data;
    const request = (line.request = new XMLHttpRequest());
    line.node.className = "";
    line.act.hidden = false;
    line.act.textContent = words.cancel;
    line.said.textContent = words.sending;
    request.open("PUT", `/vault/upload?${new URLSearchParams(line.asked)}`);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) line.bar.value = event.loaded / event.total;
      if (event.loaded === event.total) line.said.textContent = words.checking;
    });
    request.addEventListener("load", () => this.answered(line));
    request.addEventListener("error", () => this.failed(line, words.broken));
    request.addEventListener("abort", () => this.failed(line, words.cancelled));
    request.send(line.file);
  }

  answered(line) {
    const { words } = this.data;
    let answer = {};
    try {
      answer = JSON.parse(line.request.responseText);
    } catch {
      /* no answer in words */
    }
    const reasons = (answer.reasons ?? []).map((reason) => reason.message).join(" ");
    if (line.request.status === 200) {
      this.stored += 1;
      line.bar.value = 1;
      line.node.className = answer.outcome;
      line.said.textContent = `${words[answer.outcome]} ${answer.code ?? ""} ${reasons}`;
      line.act.hidden = true;
      this.running = null;
      this.next();
    } else {
      this.failed(line, line.request.status === 401 ? words.signedOut : `${words.refused} ${reasons}`);
    }
  }

  failed(line, words) {
    line.node.className = "refused";
    line.said.textContent = words;
    line.act.textContent = this.data.words.retry;
    this.running = null;
    this.next();
  }
}
