/* What runs in the frame: it has no origin, no cookie, no network and no way to another page
   (pages/routes/preview.py). It draws what the page around it hands in and says what happens, through a port.

   The part for a kind (pdf.js, word.js, …) exports draw(content, tools), which gives a view:
   {pages: the elements that are walked through, width: of the widest at 100 %, or 0 where lines wrap,
   zoom(factor), show(n), at(): number of what is in sight, tabs: whether it shows the way from one to the next itself}. */
const MARGIN = 20; // px beside a page
const LARGEST_FIT = 1.2; // a page is not drawn larger than this unless somebody asks
const STEPS = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 2.5, 3, 4];

export function begin(port, about) {
  new Frame(port, about);
}

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

class Frame {
  constructor(port, about) {
    this.port = port;
    this.about = about;
    this.chosen = "fit";
    this.asked = new Map();
    document.documentElement.lang = about.language;
    document.title = about.words.preview;
    const style = element("style");
    style.textContent = `:root { ${Object.entries(about.colours).map(([name, value]) => `--${name}: ${value}`).join("; ")} } ${about.style}`;
    document.head.appendChild(style);
    port.onmessage = (event) => this.heard(event.data);
    addEventListener("keydown", (event) => this.key(event));
    addEventListener("click", (event) => this.click(event), true);
    addEventListener("auxclick", (event) => event.target.closest?.("a") && event.preventDefault(), true);
    addEventListener("scroll", () => this.scrolled(), { passive: true });
    addEventListener("resize", () => this.view && typeof this.chosen === "string" && this.zoom(this.chosen));
    // Loaded ahead: what is shown comes later.
    this.part = import(this.address(about.part));
    this.part.then((part) => part.ready?.(this.tools())).catch(() => {});
  }

  say(said, about = {}) {
    this.port.postMessage({ said, ...about });
  }

  address(text, type = "text/javascript") {
    return URL.createObjectURL(new Blob([text], { type }));
  }

  tools() {
    this.known ??= {
      element,
      kind: this.about.kind,
      libraries: Object.keys(this.about.libraries),
      words: this.about.words,
      language: this.about.language,
      address: (name) => this.address(this.about.libraries[name]),
      module: (name) => import(this.known.address(name)),
      /* A library that is no module puts itself on the window. */
      classic: (name) => new Promise((done, failed) => {
        const script = element("script");
        script.addEventListener("load", done);
        script.addEventListener("error", failed);
        script.src = this.known.address(name);
        document.head.appendChild(script);
      }),
      /* A file beside the libraries, which the page around fetches: Uint8Array, or null. */
      file: (name) => new Promise((done) => {
        this.asked.set(name, [...(this.asked.get(name) ?? []), done]);
        this.say("want", { name });
      }),
      moved: () => this.scrolled(),
    };
    return this.known;
  }

  heard(what) {
    if (what.do === "show") this.show(what.content);
    else if (what.do === "file") {
      for (const done of this.asked.get(what.name) ?? []) done(what.content && new Uint8Array(what.content.slice(0)));
      this.asked.delete(what.name);
    } else if (this.view && what.do === "go") this.go(what.page);
    else if (this.view && what.do === "zoom") this.zoom(what.to ?? this.stepped(what.by));
  }

  async show(content) {
    try {
      const part = await this.part;
      this.view = await part.draw(content, this.tools());
    } catch (error) {
      this.say("failed", { why: error?.why ?? "unreadable", about: String(error?.message ?? error).slice(0, 200) });
      return;
    }
    this.zoom("fit");
    await this.view.settled; // what is drawn later has something to show first
    this.say("shown", { pages: this.view.pages.length, wraps: !this.view.width, tabs: Boolean(this.view.tabs) });
    this.scrolled();
  }

  factor() {
    if (typeof this.chosen === "number") return this.chosen;
    if (!this.view.width) return 1;
    const wide = Math.max(0.1, (document.documentElement.clientWidth - 2 * (innerWidth < 700 ? 8 : MARGIN)) / this.view.width);
    return this.chosen === "width" ? wide : Math.min(wide, this.view.largest ?? LARGEST_FIT);
  }

  stepped(by) {
    const now = this.factor();
    const steps = by > 0 ? STEPS.filter((s) => s > now * 1.02) : STEPS.filter((s) => s < now * 0.98).reverse();
    return steps[0] ?? now;
  }

  zoom(to) {
    const page = document.documentElement;
    const seen = page.scrollHeight > innerHeight ? page.scrollTop / page.scrollHeight : 0;
    this.chosen = to;
    const factor = this.factor();
    this.view.zoom(factor);
    page.scrollTop = seen * page.scrollHeight;
    this.say("zoomed", { percent: Math.round(factor * 100), to: typeof to === "string" ? to : "" });
  }

  go(page) {
    const wanted = Math.min(Math.max(1, page), this.view.pages.length);
    if (this.view.show) this.view.show(wanted);
    else this.view.pages[wanted - 1]?.scrollIntoView({ block: "start" });
    this.scrolled();
  }

  scrolled() {
    if (!this.view || this.looking) return;
    this.looking = requestAnimationFrame(() => {
      this.looking = 0;
      const page = this.view.at?.() ?? this.reached();
      if (page !== this.page) this.say("page", { page: (this.page = page) });
    });
  }

  /* The last page that begins above the middle of what is in sight. */
  reached() {
    const { pages } = this.view;
    let low = 0;
    let high = pages.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (pages[middle].getBoundingClientRect().top <= innerHeight * 0.4) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  key(event) {
    const typing = event.target.closest?.("input");
    if (event.key === "Escape" || (!typing && !event.ctrlKey && !event.metaKey && ["+", "=", "-", "0", "n", "p"].includes(event.key))) {
      event.preventDefault();
      this.say("key", { key: event.key });
    }
  }

  /* No link leads out of the frame: one within the document moves, any other is told to the page around. */
  click(event) {
    const link = event.target.closest?.("a");
    if (!link) return;
    event.preventDefault();
    const to = link.dataset.to ?? link.getAttribute("href") ?? "";
    if (to.startsWith("#")) {
      const name = decodeURIComponent(to.slice(1));
      (document.getElementById(name) ?? document.getElementsByName(name)[0])?.scrollIntoView();
    } else if (/^(https?|mailto):/i.test(to)) this.say("link", { address: to });
  }
}
