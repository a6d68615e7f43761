/* A redline: fetched as lines with progress, drawn in parts, walked through with n and p.
   All text goes in by textContent; what people typed is never markup. */
import { element, fill } from "../dom.js";

const shown = new WeakMap();
const PART = 300; // blocks that are drawn at once
const CONTEXT = 1; // unchanged blocks around a change
const SIGNS = { inserted: "+", deleted: "−", "moved-here": "⇄", "moved-away": "⇄", changed: "±", formatting: "¶", "sheet-added": "+", "sheet-removed": "−" };

export default function mount(component) {
  const place = component.parentElement;
  let view = shown.get(place);
  if (!view) {
    view = new Redline(place);
    shown.set(place, view);
  }
  view.receive(component.data);
  return () => {
    view.close();
    shown.delete(place);
  };
}

/** The lines of an answer as they come; what follows the line that announces bytes is returned. */
async function lines(url, signal, heard) {
  const answer = await fetch(url, { signal, headers: { accept: "application/x-ndjson" } });
  if (!answer.ok) return { failed: answer.status };
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let rest = new Uint8Array(0);
  for (;;) {
    const end = rest.indexOf(10);
    if (end < 0) {
      const { done, value } = await reader.read();
      if (done) return { failed: 0 };
      const longer = new Uint8Array(rest.length + value.length);
      longer.set(rest);
      longer.set(value, rest.length);
      rest = longer;
      continue;
    }
    const line = JSON.parse(decoder.decode(rest.subarray(0, end)));
    rest = rest.slice(end + 1);
    if ("progress" in line) {
      heard(line.progress);
      continue;
    }
    if (!line.bytes) return line;
    const parts = [rest];
    for (let read = await reader.read(); !read.done; read = await reader.read()) parts.push(read.value);
    line.content = new Blob(parts, { type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document" });
    return line.content.size === line.bytes ? line : { failed: 0 };
  }
}

class Redline {
  constructor(place) {
    this.root = element("section", "redline");
    place.appendChild(this.root);
    this.at = -1;
    this.only = true;
    this.formatting = false;
    this.wide = window.matchMedia("(min-width: 701px)");
    this.pressed = (event) => this.key(event);
    document.addEventListener("keydown", this.pressed);
  }

  close() {
    document.removeEventListener("keydown", this.pressed);
    this.asking?.abort();
    this.making?.abort();
    clearTimeout(this.drawing);
  }

  receive(data) {
    this.data = data;
    this.words = data.words;
    this.number = new Intl.NumberFormat(data.language);
    this.root.setAttribute("aria-label", this.words.region);
    if (data.query === this.query) return;
    this.query = data.query;
    this.beside ??= this.wide.matches;
    this.load();
  }

  async load() {
    this.asking?.abort();
    this.making?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const waiting = this.waiting(this.words.comparing, () => asking.abort());
    this.root.replaceChildren();
    const slow = setTimeout(() => this.root.replaceChildren(waiting), 300);
    let found;
    try {
      found = await lines(`/vault/redline?${this.query}`, asking.signal, (share) => waiting.told(share));
    } catch {
      found = { failed: asking.signal.aborted ? -1 : 0 };
    }
    clearTimeout(slow);
    if (asking !== this.asking) return;
    if (!found.redline) this.refused(found);
    else this.draw(found.redline);
  }

  waiting(text, cancel) {
    const line = element("div", "wait");
    line.setAttribute("role", "status");
    const bar = element("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", text);
    const stop = element("button", "plain", this.words.cancel);
    stop.addEventListener("click", cancel);
    line.append(element("span", "", text), bar, stop);
    line.told = (share) => {
      bar.value = share;
    };
    return line;
  }

  refused({ error, failed }) {
    const { words } = this;
    const said = element("div", "said");
    said.setAttribute("role", "alert");
    said.append(element("b", "", error ?? (failed === 401 ? words.ended : failed === -1 ? words.cancelled : words.broken)));
    if (!error) {
      const again = element("button", "plain", words.again);
      again.addEventListener("click", () => this.load());
      said.append(again);
    }
    this.root.replaceChildren(said);
  }

  draw(found) {
    this.found = found;
    const calm = found.identical || !found.blocks.some((block) => block.op !== "equal");
    if (calm) {
      const said = element("div", "said");
      said.append(element("b", "", found.notes[0]), ...found.notes.slice(1).map((note) => element("p", "", note)));
      this.root.replaceChildren(said);
      return;
    }
    const textual = found.blocks.some((block) => block.op !== "equal" && block.op !== "formatting");
    this.formatting ||= !textual;
    this.notes = element("ul", "notes");
    this.notes.setAttribute("aria-live", "polite");
    for (const note of found.notes) this.notes.append(element("li", "", note));
    this.text = element("div", "text");
    this.root.replaceChildren(this.bar(), this.notes, this.text);
    this.redraw();
  }

  bar() {
    const { words } = this;
    const bar = element("div", "bar");
    const counts = element("div", "counts");
    for (const [name, mark] of [["insertions", "i"], ["deletions", "d"], ["moved", "m"], ["formatting", "f"]]) {
      const count = this.found.counts[name];
      const one = name === "formatting" && count ? this.toggle() : element("span", mark);
      one.append(element("b", "", this.number.format(count)), ` ${words[name]}`);
      counts.append(one);
    }
    const walk = element("div", "walk");
    this.previous = this.button("↑", () => this.step(-1), words.previous);
    this.next = this.button("↓", () => this.step(1), words.next);
    this.where = element("span");
    this.where.setAttribute("role", "status");
    walk.append(this.previous, this.where, this.next);
    const extent = this.choice(words.extent, [[words.changesOnly, () => this.only, () => (this.only = true)], [words.all, () => !this.only, () => (this.only = false)]]);
    const sides = this.choice(words.view, [[words.beside, () => this.beside, () => (this.beside = true)], [words.inline, () => !this.beside, () => (this.beside = false)]]);
    sides.classList.add("sides");
    bar.append(counts, walk, element("span", "fill"), extent, sides);
    this.word = this.button(words.word, () => this.fetchWord(), words.wordFile);
    this.word.className = "strong";
    bar.append(this.word);
    return bar;
  }

  /** The count of formatting is also the switch that shows it. */
  toggle() {
    const formatting = this.button("", () => {
      this.formatting = !this.formatting;
      formatting.setAttribute("aria-pressed", String(this.formatting));
      this.redraw();
    });
    formatting.className = "plain f";
    formatting.title = this.words.showFormatting;
    formatting.setAttribute("aria-pressed", String(this.formatting));
    return formatting;
  }

  button(text, act, label) {
    const button = element("button", "", text);
    button.type = "button";
    if (label) {
      button.title = label;
      button.setAttribute("aria-label", label);
    }
    button.addEventListener("click", act);
    return button;
  }

  choice(label, options) {
    const group = element("div", "choice");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    const mark = () => options.forEach(([, on], index) => group.children[index].setAttribute("aria-pressed", String(on())));
    for (const [text, , act] of options) {
      group.append(
        this.button(text, () => {
          act();
          mark();
          this.redraw();
        }),
      );
    }
    mark();
    return group;
  }

  isChange(block) {
    return block.op !== "equal" && (block.op !== "formatting" || this.formatting);
  }

  /** What is drawn: blocks, and in between how many unchanged ones are folded away. */
  plan() {
    const { blocks } = this.found;
    const keep = blocks.map((block) => !this.only || this.isChange(block));
    if (this.only) {
      blocks.forEach((block, index) => {
        if (!this.isChange(block)) return;
        for (let near = Math.max(0, index - CONTEXT); near <= Math.min(blocks.length - 1, index + CONTEXT); near += 1) keep[near] = true;
      });
    }
    const plan = [];
    for (let index = 0; index < blocks.length; index += 1) {
      if (keep[index]) {
        plan.push(index);
        continue;
      }
      const from = index;
      while (index + 1 < blocks.length && !keep[index + 1]) index += 1;
      plan.push({ from, to: index + 1 });
    }
    return plan;
  }

  redraw() {
    clearTimeout(this.drawing);
    const was = this.changes?.[this.at]?.dataset.index;
    this.changes = [];
    this.at = -1;
    this.moves = new Map();
    this.place = "";
    this.text.classList.toggle("beside", this.beside && this.wide.matches);
    const heads = element("div", "heads");
    heads.append(element("span"), element("span", "", this.words.old), element("span", "", this.words.new));
    this.text.replaceChildren(heads);
    const plan = this.plan();
    const part = (start) => {
      const some = document.createDocumentFragment();
      for (const step of plan.slice(start, start + PART)) some.append(...this.drawn(step));
      this.text.append(some);
      if (start + PART < plan.length) this.drawing = setTimeout(() => part(start + PART), 0);
      if (was !== undefined && this.at < 0) {
        const found = this.changes.findIndex((node) => node.dataset.index === was);
        if (found >= 0) this.show(found);
      }
      this.tell();
    };
    part(0);
    this.root.dataset.drawn = String(plan.length);
  }

  drawn(step) {
    if (typeof step === "number") {
      const nodes = [];
      const { place } = this.found.blocks[step];
      if (place && place !== this.place && this.found.blocks[step].kind !== "heading") nodes.push(element("div", "place", place));
      if (place) this.place = place;
      nodes.push(this.block(step));
      return nodes;
    }
    const more = element("button", "gap", fill(this.words.unchanged, { count: this.number.format(step.to - step.from) }));
    more.type = "button";
    more.addEventListener("click", () => {
      const some = document.createDocumentFragment();
      for (let index = step.from; index < step.to; index += 1) some.append(this.block(index));
      more.replaceWith(some);
    });
    return [more];
  }

  block(index) {
    const { words } = this;
    const block = this.found.blocks[index];
    const hidden = block.op === "formatting" && !this.formatting;
    const moved = block.op.startsWith("moved");
    const state = moved ? `moved ${block.op.slice(6)}` : hidden ? "equal" : block.op;
    const node = element("div", `block ${block.kind} ${state} ${block.level ? `l${block.level}` : ""}`);
    node.style.setProperty("--level", block.level ?? 0);
    const sign = element("span", "sign", hidden ? "" : (SIGNS[block.op] ?? ""));
    sign.setAttribute("aria-hidden", "true");
    node.append(sign);
    const old = block.op !== "inserted" && block.op !== "moved-here" && block.op !== "sheet-added";
    const fresh = block.op !== "deleted" && block.op !== "moved-away" && block.op !== "sheet-removed";
    if (this.text.classList.contains("beside")) {
      node.append(old ? this.side(block, "-") : element("span"), fresh ? this.side(block, "+") : element("span"));
    } else node.append(this.side(block, "both"));
    const last = node.lastElementChild.childNodes.length ? node.lastElementChild : node.children[1];
    if (block.kind === "sheet") last.prepend(element("span", "about", block.op === "sheet-added" ? words.sheetAdded : words.sheetRemoved));
    if (block.at && block.op !== "equal") last.append(element("span", "about", block.was ? `${block.at} (${fill(words.was, { place: block.was })})` : block.at));
    if (block.form && this.formatting) last.append(element("span", "about", block.form.join("; ")));
    if (moved) {
      const here = block.op === "moved-here";
      const label = block.other ? fill(here ? words.movedFrom : words.movedTo, { place: block.other }) : here ? words.movedFromHere : words.movedToThere;
      const jump = this.button(label, () => this.jump(block.move, here ? "away" : "here"));
      jump.className = "about";
      last.append(jump);
      this.moves.set(`${block.move} ${here ? "here" : "away"}`, node);
    }
    if (this.isStop(index)) {
      node.dataset.index = index;
      node.tabIndex = -1;
      this.changes.push(node);
    }
    return node;
  }

  /** Where next and previous stop: a stretch that came or went as a whole is one stop. */
  isStop(index) {
    const { op } = this.found.blocks[index];
    const stretch = (op === "inserted" || op === "deleted") && this.found.blocks[index - 1]?.op === op;
    return this.isChange(this.found.blocks[index]) && !stretch;
  }

  /** One side's text, or both in one. */
  side(block, which) {
    if (!block.cells) return this.words_(block.runs, which, block.op);
    const cells = element("div", "cells words");
    for (const runs of block.cells) {
      const cell = this.words_(runs, which, block.op);
      cell.className = block.op === "equal" || runs.some(([sign]) => sign !== "=") ? "" : "same";
      cells.append(cell);
    }
    const place = element("div");
    place.append(cells);
    return place;
  }

  words_(runs, which, op) {
    const node = element("div", "words");
    for (const [sign, raw] of runs) {
      if (sign !== "=" && which !== "both" && sign !== which) continue;
      const text = raw.replaceAll("\ufffc", this.words.image);
      if (sign === "=" && !op.startsWith("moved")) node.append(text);
      else node.append(element({ "+": "ins", "-": "del", "=": "span" }[sign], sign === "=" ? "kept" : "", text));
    }
    return node;
  }

  step(by) {
    if (!this.changes.length) return;
    this.show(Math.min(this.changes.length - 1, Math.max(0, this.at + by)));
  }

  show(index) {
    this.changes[this.at]?.classList.remove("now");
    this.at = index;
    const node = this.changes[index];
    node.classList.add("now");
    node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
    this.tell();
  }

  jump(move, end) {
    const node = this.moves.get(`${move} ${end}`);
    if (node) this.show(this.changes.indexOf(node));
  }

  tell() {
    const count = this.number.format(this.changes.length);
    this.where.textContent = fill(this.words.of, { place: this.number.format(this.at + 1), count });
    this.previous.disabled = this.at <= 0;
    this.next.disabled = this.at >= this.changes.length - 1;
  }

  key(event) {
    if (!this.changes || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.composedPath()[0];
    if (typing.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(typing.tagName ?? "")) return;
    if (event.key === "n") this.step(1);
    if (event.key === "p") this.step(-1);
  }

  async fetchWord() {
    this.making?.abort();
    const making = new AbortController();
    this.making = making;
    this.word.disabled = true;
    const waiting = this.waiting(this.words.making, () => making.abort());
    this.notes.before(waiting);
    let found;
    try {
      found = await lines(`/vault/redline.docx?${this.query}&lines=1`, making.signal, (share) => waiting.told(share));
    } catch {
      found = { failed: making.signal.aborted ? -1 : 0 };
    }
    waiting.remove();
    this.word.disabled = false;
    this.notes.querySelectorAll("[data-word]").forEach((line) => line.remove());
    const say = (text, tone) => {
      const line = element("li", tone, text);
      line.dataset.word = "";
      this.notes.append(line);
    };
    if (!found.content) {
      const { words } = this;
      say(found.error ?? (found.failed === 401 ? words.ended : found.failed === -1 ? words.cancelled : words.broken), found.error ? "danger" : "warn");
      return;
    }
    say(this.words.ready, "ok");
    const known = new Set(this.found.notes);
    for (const note of found.notes) if (!known.has(note)) say(note, "warn");
    const link = element("a");
    link.href = URL.createObjectURL(found.content);
    link.download = found.ready;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}
