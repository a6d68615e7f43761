/* Dragging with mouse and touch, one card or all that are chosen. SortableJS does the following of
   the pointer; what was meant is read from where the card lies at the end. */
import Sortable from "./vendor/sortable.esm.js";
import { element } from "../dom.js";

// Above this many cards in a column a sliding animation measures more than it shows.
const CALM = 150;

export class Hand {
  constructor(board) {
    this.board = board;
    this.holding = false;
    this.justDropped = false;
    this.lists = [];
  }

  hold(list) {
    this.lists.push(
      new Sortable(list, {
        group: "cards",
        draggable: ".card",
        // One way for mouse and touch; the browser's own drag differs in each of them.
        forceFallback: true,
        fallbackTolerance: 4,
        animation: this.board.cards.size > CALM ? 0 : 130,
        // A finger that moves at once scrolls; one that rests takes the card.
        delay: 220,
        delayOnTouchOnly: true,
        touchStartThreshold: 6,
        emptyInsertThreshold: 24,
        scrollSensitivity: 60,
        scrollSpeed: 14,
        ghostClass: "gap",
        dragClass: "moving",
        chosenClass: "held",
        onStart: (event) => this.start(event),
        onEnd: (event) => this.end(event),
      }),
    );
  }

  start({ item }) {
    const { board } = this;
    this.holding = true;
    board.root.classList.add("dragging");
    const id = item.dataset.id;
    if (!board.chosen.has(id)) board.chooseNone();
    this.moving = board.chosen.has(id) ? board.inOrder() : [id];
    this.seen = board.states(this.moving);
    for (const other of this.moving) if (other !== id) board.nodes.get(other).classList.add("along");
    if (this.moving.length > 1) {
      const badge = element("b", "many", this.moving.length);
      (Sortable.ghost ?? item).append(badge);
      this.badge = badge;
    }
    board.say(board.keys.placed("picked", item));
  }

  end({ item, from, to, oldIndex, newIndex }) {
    const { board } = this;
    this.holding = false;
    board.root.classList.remove("dragging");
    this.badge?.remove();
    // The browser sends a click after the drop; it is not meant for the card.
    this.justDropped = true;
    setTimeout(() => (this.justDropped = false), 60);
    for (const id of this.moving) board.nodes.get(id)?.classList.remove("along");
    const still = from === to && oldIndex === newIndex && this.moving.length === 1;
    if (!still && board.cards.has(item.dataset.id)) {
      board.say(board.keys.placed("dropped", item));
      board.move({ ids: this.moving.filter((id) => board.cards.has(id)), seen: this.seen, ...spot(item, this.moving) });
    }
    if (board.late) board.again();
  }

  close() {
    for (const list of this.lists) list.destroy();
    this.lists = [];
  }
}

/** Where a card lies: column, lane, and its neighbours that are not moving themselves. */
export function spot(node, moving) {
  const list = node.parentElement;
  const beside = (way) => {
    let other = node[way];
    while (other && (moving.includes(other.dataset.id) || !other.dataset.id)) other = other[way];
    return other?.dataset.id ?? null;
  };
  return {
    state: list.dataset.state,
    lane: list.dataset.lane,
    before: beside("nextElementSibling"),
    after: beside("previousElementSibling"),
  };
}
