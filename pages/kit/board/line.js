/* The line to the server: what is done goes out at once and one after the other; what others did comes in.

   Both use routes of their own (pages/routes/board.py) instead of a rerun of the page: a rerun carries
   every card, which costs several hundred milliseconds at 2,000 of them. */
const POLL = 5000;
const PATIENCE = 20000;

export class Line {
  constructor(board) {
    this.board = board;
    this.seq = 0;
    this.serial = 0;
    this.floor = 0;
    this.queue = Promise.resolve();
  }

  known(seq) {
    this.seq = Math.max(this.seq, seq);
  }

  /** Do something; resolves to the answer. `wish` shows it before it is answered. */
  send(what, wish = null) {
    const serial = ++this.serial;
    if (wish) this.board.pending.set(serial, wish);
    const answered = this.queue.then(() => this.ask(what)).then((answer) => this.answered(serial, wish, answer, what));
    this.queue = answered.catch(() => {});
    return answered;
  }

  async ask(what) {
    const { words } = this.board.data;
    try {
      const response = await fetch(this.address(), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(what),
        signal: AbortSignal.timeout(PATIENCE),
      });
      this.judged(response);
      const answer = await response.json();
      return answer.message || answer.ok ? answer : { ok: false, message: words.noAnswer };
    } catch {
      return { ok: false, message: words.noAnswer };
    }
  }

  /** The session has ended elsewhere: the page, drawn anew, asks to sign in. What is typed is kept (quick.js). */
  judged({ status }) {
    if (status === 401) this.board.presses.redraw("changed", Date.now());
  }

  /** The board's route, with the view that stands in the page's address and the reader's time zone. */
  address() {
    const address = new URL(`/cards/${this.board.data.project}${window.location.search}`, window.location.origin);
    address.searchParams.set("zone", this.board.data.zone);
    return address;
  }

  answered(serial, wish, answer, what) {
    const { board } = this;
    board.pending.delete(serial);
    if (wish && !answer.ok) wish.undo();
    // A page drawn before this was done comes too late to be believed.
    this.floor = Math.max(this.floor, answer.head ?? 0);
    board.patch({ ...answer, seq: 0 });
    if (!answer.ok && what.do !== "add") board.tell(answer.message, { wrong: true });
    if (answer.ok && answer.undo) board.tell(answer.said, { press: board.words.undo, act: () => this.send({ do: "undo", batch: answer.undo, ids: what.ids }) });
    if (answer.ok && what.do === "undo") board.tell(answer.said);
    board.root.dataset.answered = serial;
    // The page's own figures (chips, the sentence above) follow when the hand rests.
    if (answer.ok) this.later();
    return answer;
  }

  open() {
    if (this.source) return;
    this.source = new EventSource(`/live?project=${encodeURIComponent(this.board.data.project)}`);
    this.source.onmessage = () => this.heard();
    this.source.addEventListener("change", () => this.heard());
    this.source.onopen = () => this.heard();
    this.timer = setInterval(() => {
      if (this.source.readyState !== EventSource.OPEN) this.heard();
    }, POLL);
  }

  heard() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.fetchChanges(), 60);
  }

  async fetchChanges() {
    if (this.fetching) {
      this.more = true;
      return;
    }
    this.fetching = true;
    const { board } = this;
    const view = board.data.view;
    try {
      const address = this.address();
      address.searchParams.set("since", this.seq);
      const response = await fetch(address);
      this.judged(response);
      if (response.ok) {
        const changes = await response.json();
        // The reader may have chosen another view while this was on its way.
        if (view === board.data.view) this.changed(changes);
      }
    } catch {
      // The server is away for a moment; the next event or the timer asks again.
    }
    this.fetching = false;
    if (this.more) {
      this.more = false;
      this.heard();
    }
  }

  changed(changes) {
    const { board } = this;
    const touched = changes.cards.length + changes.gone.length;
    if (touched || changes.seq > this.seq) board.patch(changes);
    if (changes.columns) board.presses.redraw("changed", changes.seq);
    else if (touched || changes.others) this.later();
  }

  later() {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      if (this.board.hand.holding || this.board.keys.holding) this.later();
      else this.board.presses.redraw("changed", Date.now());
    }, 900);
  }

  close() {
    this.source?.close();
    this.source = null;
    clearInterval(this.timer);
    clearTimeout(this.soon);
    clearTimeout(this.rest);
  }
}
