/* The board by keyboard. Arrows walk over the cards; Enter opens one, Space picks it up, arrows carry it,
   Space or Enter puts it down, Escape brings it back. X chooses a card; Tab goes on to its title. */
import { fill } from "../dom.js";
import { adjust } from "./card.js";
import { spot } from "./hand.js";

export class Keys {
  constructor(board) {
    this.board = board;
    this.holding = null;
    board.grid.addEventListener("keydown", (event) => this.pressed(event));
    board.grid.addEventListener("focusin", (event) => this.arrived(event));
    board.grid.addEventListener("focusout", (event) => this.left(event));
  }

  arrived({ target }) {
    const card = target.closest(".card");
    if (!card || this.holding) return;
    const before = this.board.nodes.get(this.board.active);
    this.board.active = card.dataset.id;
    for (const list of new Set([before?.parentElement, card.parentElement])) {
      for (const node of [before, card, list?.firstElementChild]) if (node) adjust(node, this.board, node.dataset.id);
    }
  }

  left({ relatedTarget }) {
    if (this.holding && !this.carrying && !this.board.grid.contains(relatedTarget)) this.cancel(false);
  }

  pressed(event) {
    const card = event.target;
    if (!card.classList.contains("card")) return;
    const act = this.holding ? this.carried(event, card) : this.walked(event, card);
    if (act) {
      event.preventDefault();
      event.stopPropagation();
      act();
    }
  }

  walked({ key, ctrlKey, metaKey, altKey }, card) {
    const { board } = this;
    if (ctrlKey || metaKey || altKey) return null;
    if (key === "Enter") return () => board.open(card.dataset.id);
    if (key === " ") return () => board.data.may.move && this.pick(card);
    if (key === "x" || key === "X") return () => board.choose(card.dataset.id);
    if (key === "Escape" && board.chosen.size) return () => board.chooseNone();
    const next = this.neighbour(card, key);
    return next && (() => this.focus(next));
  }

  carried({ key }, card) {
    if (key === " " || key === "Enter") return () => this.drop(card);
    if (key === "Escape") return () => this.cancel(true);
    if (key === "Tab") return () => {};
    const list = card.parentElement;
    const to = {
      ArrowUp: () => card.previousElementSibling && list.insertBefore(card, card.previousElementSibling),
      ArrowDown: () => card.nextElementSibling && list.insertBefore(card.nextElementSibling, card),
      Home: () => list.prepend(card),
      End: () => list.append(card),
      ArrowLeft: () => this.across(card, -1),
      ArrowRight: () => this.across(card, 1),
    }[key];
    return to && (() => this.carry(card, to));
  }

  pick(card) {
    const { board } = this;
    this.holding = { id: card.dataset.id, list: card.parentElement, next: card.nextElementSibling, seen: board.states([...board.cards.keys()]) };
    if (!board.chosen.has(card.dataset.id)) board.chooseNone();
    card.classList.add("picked");
    board.say(`${this.placed("picked", card)} ${board.words.howToCarry}`);
  }

  carry(card, to) {
    this.carrying = true;
    to();
    this.focus(card);
    this.carrying = false;
    this.board.say(this.placed("carried", card));
  }

  drop(card) {
    const { board } = this;
    const { list, next, seen } = this.holding;
    const moving = board.chosen.has(card.dataset.id) ? board.inOrder() : [card.dataset.id];
    const still = card.parentElement === list && card.nextElementSibling === next && moving.length === 1;
    const text = this.placed("dropped", card);
    this.release(card);
    if (still) board.again();
    else board.move({ ids: moving, seen, ...spot(card, moving) });
    this.focus(card);
    board.say(text);
  }

  cancel(stay) {
    const { board } = this;
    const { id, list, next } = this.holding;
    const card = board.nodes.get(id);
    this.carrying = true;
    list.insertBefore(card, next?.parentElement === list ? next : null);
    this.release(card);
    if (board.late) board.again();
    if (stay) this.focus(card);
    this.carrying = false;
    board.say(fill(board.words.cancelled, { code: card.dataset.code }));
  }

  release(card) {
    card.classList.remove("picked");
    this.holding = null;
  }

  across(card, way) {
    const list = this.beside(card.parentElement, way);
    if (!list) return;
    const index = [...card.parentElement.children].indexOf(card);
    list.insertBefore(card, list.children[index] ?? null);
  }

  /** The list of the next column that is not folded, in the same lane. */
  beside(list, way) {
    const row = [...this.board.cells.values()].filter(({ list: other, column }) => other.dataset.lane === list.dataset.lane && !this.board.folded.has(column.id));
    return row[row.findIndex((cell) => cell.list === list) + way]?.list;
  }

  neighbour(card, key) {
    const list = card.parentElement;
    if (key === "ArrowUp") return card.previousElementSibling ?? this.vertical(list, -1);
    if (key === "ArrowDown") return card.nextElementSibling ?? this.vertical(list, 1);
    if (key === "Home") return list.firstElementChild;
    if (key === "End") return list.lastElementChild;
    if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
    const way = key === "ArrowLeft" ? -1 : 1;
    const index = [...list.children].indexOf(card);
    let other = this.beside(list, way);
    while (other && !other.children.length) other = this.beside(other, way);
    return other && (other.children[index] ?? other.lastElementChild);
  }

  /** In lanes: the nearest card of the same column in the lane above or below. */
  vertical(list, way) {
    const column = [...this.board.cells.values()].filter(({ column: at }) => at.id === list.dataset.state).map((cell) => cell.list);
    let index = column.indexOf(list) + way;
    while (column[index] && !column[index].children.length) index += way;
    return column[index] && (way < 0 ? column[index].lastElementChild : column[index].firstElementChild);
  }

  focus(card) {
    card.focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** "REQ-12 picked up. In progress, place 2 of 6." */
  placed(how, card) {
    const list = card.parentElement;
    const cards = [...list.children].filter((node) => node.dataset.id);
    return fill(this.board.words[how], {
      code: card.dataset.code,
      column: list.dataset.name,
      place: cards.indexOf(card) + 1,
      count: cards.length,
    });
  }
}
