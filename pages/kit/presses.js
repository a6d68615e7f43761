/* What a component tells the page: presses of its reader, and that something should be drawn anew.

   Of two values that a component sends before the server has taken up the first, Streamlit keeps the second;
   and a page that is asked for is forgotten when the page of before asks for something meanwhile. So a redraw,
   which nobody waits for, is held back until the press before it was answered, and while a link leads away. */
const LOOK = 250; // ms between looks at whether it may go
const LEAVING = 2000; // ms after a press on a link: by then another page is there, or the link led nowhere
const UNANSWERED = 10000; // ms after which a press is no longer waited for

let followed = -LEAVING;
document.addEventListener(
  "click",
  (event) => {
    if (event.composedPath().some((node) => node.tagName === "A" && node.href)) followed = performance.now();
  },
  true,
);

export class Presses {
  constructor() {
    this.asked = null;
  }

  /** The page has drawn the component: `trigger` sends from now on; what was pressed is answered when it is `fresh`. */
  drawn(trigger, fresh) {
    this.trigger = trigger;
    if (fresh) this.asked = null;
  }

  press(name, value) {
    this.asked = performance.now();
    this.trigger(name, value);
  }

  redraw(name, value) {
    clearTimeout(this.waits);
    const now = performance.now();
    const pressed = this.asked !== null && now - this.asked < UNANSWERED;
    if (pressed || now - followed < LEAVING) this.waits = setTimeout(() => this.redraw(name, value), LOOK);
    else this.trigger(name, value);
  }

  close() {
    clearTimeout(this.waits);
  }
}
