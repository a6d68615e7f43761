/* The board: columns of cards, patched in place.

   The page mounts it with data; from then on it keeps itself up to date (line.js), so that what is
   typed or held in the hand is never rebuilt. Nodes are found again by the card's id; text goes in
   by textContent only. */
import { adjust, draw, spoken } from "./card.js";
import { Hand } from "./hand.js";
import { Keys } from "./keys.js";
import { Line } from "./line.js";
import { Wishes } from "./quick.js";
import { element, fill } from "../dom.js";
import { Presses } from "../presses.js";

const boards = new WeakMap();

export default function mount(component) {
  const place = component.parentElement;
  let board = boards.get(place);
  if (!board) {
    board = new Board(place);
    boards.set(place, board);
  }
  board.receive(component);
  return () => {
    board.close();
    boards.delete(place);
  };
}

export class Board {
  constructor(place) {
    this.cards = new Map();
    this.nodes = new Map();
    this.cells = new Map();
    this.heads = new Map();
    this.chosen = new Set();
    this.folded = new Set();
    this.pending = new Map();
    this.active = null;
    this.shape = "";
    this.root = element("div", "frame");
    this.grid = element("div", "board");
    this.status = element("div", "spoken");
    this.status.setAttribute("aria-live", "assertive");
    this.status.setAttribute("role", "status");
    this.bar = element("div", "bar");
    this.bar.hidden = true;
    this.note = element("div", "note");
    this.note.setAttribute("role", "alert");
    this.note.hidden = true;
    this.nothing = element("div", "nothing");
    this.nothing.hidden = true;
    this.how = element("div", "spoken");
    this.how.id = "how";
    this.grid.setAttribute("aria-describedby", "how");
    this.root.append(this.how, this.nothing, this.grid, this.bar, this.note, this.status);
    place.appendChild(this.root);
    this.presses = new Presses();
    this.hand = new Hand(this);
    this.keys = new Keys(this);
    this.wishes = new Wishes(this);
    this.line = new Line(this);
    this.grid.addEventListener("click", (event) => this.clicked(event));
    this.fit = this.fit.bind(this);
    window.addEventListener("resize", this.fit);
    // What stands above the board (chips that wrap, a notice) decides how much height is left for it.
    this.watch = new ResizeObserver(this.fit);
    this.watch.observe(document.querySelector('[data-testid="stMainBlockContainer"]') ?? document.body);
  }

  close() {
    window.removeEventListener("resize", this.fit);
    this.watch.disconnect();
    this.line.close();
    this.hand.close();
    this.presses.close();
  }

  /** New data from the page: everything that is shown, in one piece. */
  receive({ data, setTriggerValue }) {
    this.presses.drawn(setTriggerValue, data !== this.data);
    if (data === this.data) return;
    const first = !this.data;
    const view = !first && this.data.view !== data.view;
    this.data = data;
    this.words = data.words;
    this.folded = new Set(data.folded);
    if (first || view || data.seq >= Math.max(this.line.seq, this.line.floor)) {
      this.cards = new Map(data.cards.map((row) => [row[0], this.card(row)]));
      this.line.seq = data.seq;
    }
    this.columns = data.columns;
    this.how.textContent = data.may.move ? data.words.howTo : "";
    for (const id of this.chosen) if (!this.cards.has(id)) this.chosen.delete(id);
    this.again();
    this.line.open();
    if (first) this.wishes.restore();
  }

  /** A few cards as they stand now, some that left this view, and how many each column holds. */
  patch({ cards = [], gone = [], totals, seq }) {
    for (const row of cards) this.cards.set(row[0], this.card(row));
    for (const id of gone) {
      this.cards.delete(id);
      this.chosen.delete(id);
    }
    if (totals) for (const column of this.columns) column.total = totals[column.id] ?? 0;
    if (seq) this.line.known(seq);
    this.again();
  }

  card(row) {
    return Object.fromEntries(this.data.fields.map((name, index) => [name, row[index]]));
  }

  /** Draw, unless a card is in the hand: then when it is put down. */
  again() {
    if (this.hand.holding || this.keys.holding) {
      this.late = true;
      return;
    }
    this.late = false;
    for (const wish of this.pending.values()) wish.apply();
    this.skeleton();
    this.fillCells();
    this.chosenBar();
  }

  // the columns and lanes

  lanes() {
    const { lanes, priorities, people } = this.data;
    const by = (key, name) => ({ key, name });
    if (lanes === "priority") return Object.entries(priorities).map(([key, name]) => by(key, name));
    if (lanes === "none") return [by("", "")];
    const found = new Map();
    for (const card of this.cards.values()) found.set(this.laneOf(card), true);
    const named = (key) => (key === "" ? (lanes === "owner" ? this.words.nobody : this.words.nolabel) : lanes === "owner" ? people[key]?.name ?? key : key);
    return [...found.keys()]
      .map((key) => by(key, named(key)))
      .sort((a, b) => (a.key === "") - (b.key === "") || a.name.localeCompare(b.name, this.data.language));
  }

  laneOf(card) {
    if (this.data.lanes === "priority") return card.priority;
    if (this.data.lanes === "owner") return card.owner;
    if (this.data.lanes === "label") return card.labels[0] ?? "";
    return "";
  }

  skeleton() {
    const lanes = this.lanes();
    const shape = JSON.stringify([
      this.columns.map((c) => [c.id, c.name, c.category, this.folded.has(c.id)]), lanes, this.data.lanes, this.data.may, this.words.add,
    ]);
    if (shape === this.shape) return;
    this.shape = shape;
    const open = this.wishes.kept();
    this.hand.close();
    this.grid.replaceChildren();
    this.cells.clear();
    this.heads.clear();
    const folded = (column) => this.folded.has(column.id);
    this.grid.classList.toggle("laned", this.data.lanes !== "none");
    this.grid.style.gridTemplateColumns = this.columns.map((c) => (folded(c) ? "var(--folded)" : "var(--wide)")).join(" ");
    this.grid.setAttribute("role", "group");
    this.grid.setAttribute("aria-label", this.words.board);
    for (const column of this.columns) this.grid.appendChild(this.head(column, folded(column)));
    for (const lane of lanes) {
      if (this.data.lanes !== "none") {
        const title = element("div", "lanehead");
        title.append(element("span", "", lane.name), element("i"));
        lane.count = title.lastChild;
        this.grid.appendChild(title);
      }
      for (const column of this.columns) this.grid.appendChild(this.cell(column, lane, folded(column)));
    }
    this.laneList = lanes;
    this.wishes.reopen(open);
    requestAnimationFrame(this.fit);
  }

  head(column, folded) {
    const head = element("div", folded ? "head folded" : "head");
    const fold = element("button", "fold");
    fold.type = "button";
    fold.setAttribute("aria-expanded", String(!folded));
    fold.setAttribute("aria-label", fill(folded ? this.words.unfold : this.words.fold, { column: column.name }));
    fold.title = fold.getAttribute("aria-label");
    fold.addEventListener("click", () => this.fold(column.id));
    const title = element("h3");
    title.id = `column-${column.id}`;
    const name = element("span", "name", column.name);
    const count = element("i");
    const over = element("span", "over");
    over.hidden = true;
    title.append(name, count, over);
    head.append(title, fold);
    this.heads.set(column.id, { head, title, count, over, fold });
    return head;
  }

  cell(column, lane, folded) {
    const cell = element("section", folded ? "cell folded" : "cell");
    cell.dataset.column = column.id;
    const list = element("ul", "list");
    list.setAttribute("role", "list");
    list.dataset.state = column.id;
    list.dataset.lane = lane.key;
    list.dataset.name = column.name;
    cell.append(list);
    if (!folded && this.data.may.create) cell.append(this.wishes.button(column, lane, list));
    const key = `${lane.key}\u0000${column.id}`;
    this.cells.set(key, { cell, list, column, lane });
    if (!folded && this.data.may.move) this.hand.hold(list);
    return cell;
  }

  // the cards

  fillCells() {
    const sorted = [...this.cards.values()].sort((a, b) => a.position - b.position || a.number - b.number);
    const wanted = new Map([...this.cells.keys()].map((key) => [key, []]));
    const shown = {};
    const perLane = {};
    for (const card of sorted) {
      const lane = this.laneOf(card);
      wanted.get(`${lane}\u0000${card.state}`)?.push(card);
      shown[card.state] = (shown[card.state] ?? 0) + 1;
      perLane[lane] = (perLane[lane] ?? 0) + 1;
    }
    const focused = this.focused();
    for (const [key, cards] of wanted) this.fillCell(this.cells.get(key), cards);
    for (const [id, node] of this.nodes) {
      if (!this.cards.has(id)) {
        node.remove();
        this.nodes.delete(id);
      }
    }
    for (const lane of this.laneList ?? []) if (lane.count) lane.count.textContent = perLane[lane.key] ?? 0;
    for (const column of this.columns) this.count(column, shown[column.id] ?? 0);
    if (!this.cards.has(this.active)) this.active = sorted[0]?.id ?? null;
    for (const [id, node] of this.nodes) adjust(node, this, id);
    if (focused && this.focused() !== focused) this.nodes.get(focused)?.focus({ preventScroll: true });
    this.empty(sorted.length);
  }

  fillCell({ list, column }, cards) {
    if (this.folded.has(column.id)) {
      list.replaceChildren();
      return;
    }
    const ids = new Set(cards.map((card) => card.id));
    for (const node of [...list.children]) if (!ids.has(node.dataset.id)) node.remove();
    let cursor = list.firstElementChild;
    for (const card of cards) {
      const node = draw(this.nodes.get(card.id), card, this, column);
      this.nodes.set(card.id, node);
      if (node === cursor) cursor = cursor.nextElementSibling;
      else list.insertBefore(node, cursor);
    }
  }

  count(column, shown) {
    const { head, title, count, over, fold } = this.heads.get(column.id);
    const total = column.total ?? shown;
    count.textContent = this.data.filtered && shown !== total ? fill(this.words.of, { shown, total }) : total;
    const above = column.limit !== null && total > column.limit;
    over.hidden = !above;
    over.textContent = above ? fill(this.words.over, { limit: column.limit }) : "";
    head.classList.toggle("above", above);
    title.setAttribute("aria-label", fill(above ? this.words.columnOver : this.words.column, { column: column.name, count: total, limit: column.limit }));
    for (const { list, lane, column: at } of this.cells.values()) {
      if (at.id === column.id) list.setAttribute("aria-label", lane.name ? `${column.name}, ${lane.name}` : column.name);
    }
    if (this.folded.has(column.id)) fold.dataset.count = total;
  }

  empty(count) {
    this.nothing.hidden = count > 0;
    if (count > 0) return;
    this.nothing.replaceChildren(element("span", "", this.data.filtered ? this.words.nothingFits : this.data.may.create ? this.words.nothingYet : this.words.nothing));
    if (this.data.filtered) {
      const all = element("button", "plain", this.words.showAll);
      all.type = "button";
      all.addEventListener("click", () => this.presses.press("clear", Date.now()));
      this.nothing.append(all);
    }
  }

  /** The height that is left below the board's top edge. */
  fit() {
    const top = this.grid.getBoundingClientRect().top + window.scrollY;
    const room = Math.max(320, window.innerHeight - Math.min(top, window.innerHeight * 0.6) - 20);
    // On the page, not on the board: what is opened beside it is as high.
    document.documentElement.style.setProperty("--room", `${Math.round(room)}px`);
  }

  // what a reader does

  fold(id) {
    if (this.folded.has(id)) this.folded.delete(id);
    else this.folded.add(id);
    this.again();
    this.heads.get(id).fold.focus();
    this.presses.press("fold", [...this.folded]);
  }

  clicked(event) {
    const node = event.target.closest(".card");
    if (!node) return;
    event.preventDefault();
    if (this.hand.justDropped) return;
    const id = node.dataset.id;
    if (event.ctrlKey || event.metaKey) this.choose(id);
    else if (event.shiftKey) this.chooseTo(id);
    else {
      this.chooseNone();
      this.open(id);
    }
  }

  open(id) {
    const card = this.cards.get(id);
    if (!card) return;
    this.active = id;
    this.data.open = id;
    for (const [other, node] of this.nodes) adjust(node, this, other);
    this.presses.press("open", { code: card.code, at: Date.now() });
  }

  choose(id) {
    if (this.chosen.has(id)) this.chosen.delete(id);
    else this.chosen.add(id);
    this.anchor = id;
    this.showChosen();
  }

  /** From the card chosen last to this one, within a column. */
  chooseTo(id) {
    const list = this.nodes.get(id).parentElement;
    const ids = [...list.children].map((node) => node.dataset.id);
    const from = ids.indexOf(this.anchor);
    const to = ids.indexOf(id);
    if (from < 0) return this.choose(id);
    for (const between of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) this.chosen.add(between);
    return this.showChosen();
  }

  chooseNone() {
    if (!this.chosen.size) return;
    this.chosen.clear();
    this.showChosen();
  }

  showChosen() {
    for (const [id, node] of this.nodes) adjust(node, this, id);
    this.chosenBar();
    this.say(fill(this.words.chosen, { count: this.chosen.size }));
  }

  chosenBar() {
    this.bar.hidden = this.chosen.size === 0;
    if (this.bar.hidden) return;
    if (!this.bar.firstChild) {
      const to = element("select");
      to.addEventListener("change", () => {
        const state = to.value;
        const lastOf = [...this.cards.values()].filter((card) => card.state === state && !this.chosen.has(card.id));
        const after = lastOf.sort((a, b) => a.position - b.position).at(-1);
        if (state) this.move({ ids: this.inOrder(), state, lane: null, before: null, after: after?.id ?? null });
        to.value = "";
      });
      const none = element("button", "plain", this.words.chooseNone);
      none.type = "button";
      none.addEventListener("click", () => this.chooseNone());
      this.bar.append(element("b"), to, none);
    }
    const [count, to] = this.bar.children;
    count.textContent = fill(this.words.chosen, { count: this.chosen.size });
    to.hidden = !this.data.may.move;
    to.setAttribute("aria-label", this.words.moveTo);
    to.replaceChildren(new Option(this.words.moveTo, ""), ...this.columns.map((c) => new Option(c.name, c.id)));
  }

  /** The chosen cards as they stand on the board: column by column, top to bottom. */
  inOrder() {
    const order = [...this.root.querySelectorAll(".card")].map((node) => node.dataset.id);
    return order.filter((id) => this.chosen.has(id));
  }

  /** The column of each card now: what a mover saw, who takes them into the hand. */
  states(ids) {
    return Object.fromEntries(ids.map((id) => [id, this.cards.get(id)?.state]));
  }

  /** Put cards into a column between two neighbours: shown at once, taken back when it is refused. */
  move({ ids, state, lane, before, after, seen = this.states(ids) }) {
    const was = Object.fromEntries(ids.map((id) => [id, seen[id] ?? this.cards.get(id).state]));
    const low = this.cards.get(after)?.position;
    const high = this.cards.get(before)?.position;
    const from = low ?? (high === undefined ? 0 : high - ids.length - 1);
    const step = high === undefined ? 1 : (high - from) / (ids.length + 1);
    const places = new Map(ids.map((id, index) => [id, from + step * (index + 1)]));
    const lanes = this.data.lanes;
    const apply = () => {
      for (const [id, position] of places) {
        const card = this.cards.get(id);
        if (!card) continue;
        const age = card.state === state ? card.age : 0;
        const next = { ...card, state, position, age, waiting: true };
        if (lane !== null && lanes === "priority") next.priority = lane;
        if (lane !== null && lanes === "owner") next.owner = lane;
        if (lane !== null && lanes === "label" && this.laneOf(card) !== lane) next.labels = [lane, ...card.labels.slice(1)].filter(Boolean);
        this.cards.set(id, next);
      }
    };
    const before_ = new Map(ids.map((id) => [id, this.cards.get(id)]));
    const totals = new Map(this.columns.map((column) => [column.id, column.total]));
    const undo = () => {
      for (const [id, card] of before_) if (this.cards.has(id)) this.cards.set(id, card);
      for (const column of this.columns) column.total = totals.get(column.id);
    };
    for (const column of this.columns) {
      const arrived = ids.filter((id) => was[id] !== column.id && state === column.id).length;
      const left = ids.filter((id) => was[id] === column.id && state !== column.id).length;
      if (column.total !== undefined) column.total += arrived - left;
    }
    this.line.send({ do: "move", ids, state, was, before, after, lanes, lane }, { apply, undo });
    this.chosen.clear();
    this.again();
  }

  focused() {
    const node = this.root.getRootNode().activeElement;
    return node?.classList?.contains("card") ? node.dataset.id : null;
  }

  /** Say something to those who listen instead of look. */
  say(text) {
    this.status.textContent = text;
  }

  /** A sentence at the foot of the board, with something to press where that helps. */
  tell(text, { wrong = false, press = null, act = null } = {}) {
    this.note.replaceChildren(element("span", "", text));
    this.note.classList.toggle("wrong", wrong);
    if (press) {
      const button = element("button", "plain", press);
      button.type = "button";
      button.addEventListener("click", () => {
        this.note.hidden = true;
        act();
      });
      this.note.append(button);
    }
    this.note.hidden = false;
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(() => (this.note.hidden = true), wrong ? 12000 : 6000);
  }

  describe(id) {
    const card = this.cards.get(id);
    return card ? spoken(card, this) : "";
  }
}
