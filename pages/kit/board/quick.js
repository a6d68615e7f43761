/* Quick add: a line at the foot of a column. Enter adds and stays; what is being typed outlives every
   redraw, and a reload too (sessionStorage). */
import { element, fill } from "../dom.js";

export class Wishes {
  constructor(board) {
    this.board = board;
    this.forms = new Map();
  }

  button(column, lane, list) {
    const { words } = this.board;
    const foot = element("div", "add");
    const open = element("button", "plain", `+ ${words.add}`);
    open.type = "button";
    open.setAttribute("aria-label", fill(words.addTo, { column: lane.name ? `${column.name}, ${lane.name}` : column.name }));
    const form = this.form(column, lane, list, open);
    open.addEventListener("click", () => this.show(form, true));
    foot.append(open, form);
    this.forms.set(`${column.id}\u0000${lane.key}`, form);
    return foot;
  }

  form(column, lane, list, open) {
    const { board } = this;
    const form = element("form");
    form.hidden = true;
    const input = element("textarea");
    input.rows = 2;
    input.maxLength = 300;
    input.placeholder = board.words.whatIsAsked;
    input.setAttribute("aria-label", open.getAttribute("aria-label"));
    const wrong = element("div", "wrong");
    wrong.setAttribute("role", "alert");
    form.append(input, wrong, element("small", "", board.words.enterAdds));
    form.open = open;
    form.place = { column, lane, list };
    input.addEventListener("input", () => this.keep());
    input.addEventListener("keydown", (event) => {
      // While an input method composes (Chinese), Enter takes a candidate and adds nothing.
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.add(form);
      } else if (event.key === "Escape") {
        event.stopPropagation();
        this.show(form, false);
        open.focus();
      }
    });
    input.addEventListener("blur", () => {
      if (!input.value.trim()) this.show(form, false);
    });
    return form;
  }

  show(form, visible) {
    form.hidden = !visible;
    form.open.hidden = visible;
    if (visible) {
      form.querySelector("textarea").focus({ preventScroll: true });
      form.scrollIntoView({ block: "nearest" });
    }
    this.keep();
  }

  async add(form) {
    const { board } = this;
    const input = form.querySelector("textarea");
    const wrong = form.querySelector(".wrong");
    const title = input.value.trim();
    if (!title) return;
    input.value = "";
    wrong.textContent = "";
    this.keep();
    const { column, lane, list } = form.place;
    const answer = await board.line.send({ do: "add", state: column.id, title, lanes: board.data.lanes, lane: lane.key });
    if (!answer.ok) {
      // What was typed comes back, before anything that was typed since.
      input.value = [title, input.value].filter(Boolean).join("\n");
      wrong.textContent = answer.message;
      this.show(form, true);
    } else {
      board.say(answer.said);
      list.lastElementChild?.scrollIntoView({ block: "nearest" });
    }
    this.keep();
  }

  /** The open lines with their text, for a redraw of the columns. */
  kept() {
    const kept = [];
    const active = this.board.root.getRootNode().activeElement;
    for (const [key, form] of this.forms) {
      const input = form.querySelector("textarea");
      if (!form.hidden) kept.push([key, input.value, input === active, input.selectionStart]);
    }
    this.forms.clear();
    return kept;
  }

  reopen(kept) {
    for (const [key, text, focused, caret] of kept) {
      const form = this.forms.get(key);
      if (!form) continue;
      const input = form.querySelector("textarea");
      input.value = text;
      form.hidden = false;
      form.open.hidden = true;
      if (focused) {
        input.focus({ preventScroll: true });
        input.setSelectionRange(caret, caret);
      }
    }
  }

  get place() {
    return `accord-board-${this.board.data.project}`;
  }

  keep() {
    const texts = [];
    for (const [key, form] of this.forms) {
      const { value } = form.querySelector("textarea");
      if (!form.hidden && value) texts.push([key, value, false, value.length]);
    }
    if (texts.length) sessionStorage.setItem(this.place, JSON.stringify(texts));
    else sessionStorage.removeItem(this.place);
  }

  restore() {
    const kept = sessionStorage.getItem(this.place);
    if (kept) this.reopen(JSON.parse(kept));
  }
}
