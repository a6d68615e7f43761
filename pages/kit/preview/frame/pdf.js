/* PDF by pdf.js: pages are drawn when they come near, with their text over them so that it can be chosen.
   Scripts and actions of the file are never carried out: the part of pdf.js that could is not shipped. */
const POINT = 96 / 72; // a PDF counts in points
const NEAR = "900px"; // what is this near is drawn
const KEPT = 16; // pages whose drawing is kept when they are no longer near
const PIXELS = 16_000_000; // of a page at most, whatever the zoom
const LARGEST_IMAGE = 120_000_000; // pixels of a picture in a page
let library;

export function ready(tools) {
  library ??= (async () => {
    const pdf = await tools.module("pdf.min.mjs");
    // Where a worker can't be had, pdf.js imports the same and works in the frame's own thread.
    pdf.GlobalWorkerOptions.workerSrc = tools.address("pdf.worker.min.mjs");
    return { pdf, worker: new pdf.PDFWorker({ name: "preview" }) };
  })();
  return library;
}

export async function draw(content, tools) {
  const { pdf, worker } = await ready(tools);
  const file = await pdf
    .getDocument({
      data: new Uint8Array(content), worker, useWorkerFetch: false, maxImageSize: LARGEST_IMAGE, verbosity: 0,
      // Not the machine's fonts by name: without them a page looks alike everywhere, on a phone too.
      useSystemFonts: false, BinaryDataFactory: beside(tools), cMapUrl: "cmaps/", wasmUrl: "wasm/",
    })
    .promise.catch((error) => {
      throw Object.assign(error, { why: error?.name === "PasswordException" ? "password" : "unreadable" });
    });
  return new Pages(pdf, file, tools).begun();
}

/* Maps of characters, the fonts that every reader has, decoders: handed in by the page around, by name. */
function beside({ file }) {
  const folders = { cMapUrl: "cmaps", standardFontDataUrl: "standard_fonts", wasmUrl: "wasm" };
  return class {
    async fetch({ kind, filename }) {
      const found = await file(`${folders[kind]}/${filename}`);
      if (!found) throw new Error(`${filename} is not shipped`);
      return found;
    }
  };
}

class Pages {
  constructor(pdf, file, { element, words }) {
    this.pdf = pdf;
    this.file = file;
    this.element = element;
    this.words = words;
    this.factor = 1;
    this.drawn = [];
    this.settled = new Promise((done) => (this.first = done));
  }

  async begun() {
    const first = (await this.file.getPage(1)).getViewport({ scale: POINT });
    const root = this.element("main", "paper");
    this.pages = Array.from({ length: this.file.numPages }, (_, index) => {
      const place = this.element("div", "page");
      place.number = index + 1;
      place.size = [first.width, first.height];
      return place;
    });
    this.width = first.width;
    root.append(...this.pages);
    document.body.appendChild(root);
    this.near = new Set();
    this.watch = new IntersectionObserver((seen) => this.seen(seen), { rootMargin: NEAR });
    for (const place of this.pages) this.lay(place);
    for (const place of this.pages) this.watch.observe(place);
    return this;
  }

  zoom(factor) {
    this.factor = factor;
    for (const place of this.pages) this.lay(place);
    for (const place of this.near) this.paint(place);
  }

  lay(place) {
    const [width, height] = place.size;
    place.style.width = `${width * this.factor}px`;
    place.style.height = `${height * this.factor}px`;
    place.style.setProperty("--total-scale-factor", this.factor * POINT);
    place.style.setProperty("--scale-factor", this.factor * POINT);
  }

  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        this.near.add(target);
        this.paint(target);
      } else this.near.delete(target);
    }
    // What is far is let go of, the oldest first: a page of a large sheet takes many megabytes.
    while (this.drawn.length > KEPT) {
      const far = this.drawn.findIndex((place) => !this.near.has(place));
      if (far < 0) break;
      const [place] = this.drawn.splice(far, 1);
      place.task?.cancel();
      place.replaceChildren();
      place.at = 0;
    }
  }

  async paint(place) {
    if (place.at === this.factor) return;
    const wanted = (place.at = this.factor);
    place.task?.cancel();
    try {
      const page = await this.file.getPage(place.number);
      const natural = page.getViewport({ scale: POINT });
      if (place.size[0] !== natural.width || place.size[1] !== natural.height) {
        place.size = [natural.width, natural.height];
        this.lay(place);
      }
      const viewport = page.getViewport({ scale: wanted * POINT });
      const fine = Math.min(Math.max(1, devicePixelRatio), Math.sqrt(PIXELS / (viewport.width * viewport.height)));
      const canvas = this.element("canvas");
      canvas.width = Math.max(1, Math.floor(viewport.width * fine));
      canvas.height = Math.max(1, Math.floor(viewport.height * fine));
      const task = page.render({ canvas, viewport, transform: fine === 1 ? null : [fine, 0, 0, fine, 0, 0] });
      place.task = task;
      await task.promise;
      if (place.at !== wanted) return;
      const text = this.element("div", "textLayer");
      place.replaceChildren(canvas, text);
      if (!this.drawn.includes(place)) this.drawn.push(place);
      this.first();
      await new this.pdf.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
      await this.links(page, place, viewport);
    } catch (error) {
      if (error?.name === "RenderingCancelledException" || place.at !== wanted) return;
      console.info(`Page ${place.number}: ${error?.message ?? error}`);
      place.replaceChildren(this.element("p", "failed", this.words.pageFailed));
      this.first();
    }
  }

  async links(page, place, viewport) {
    for (const one of await page.getAnnotations({ intent: "display" })) {
      if (one.subtype !== "Link" || !(one.url || one.dest)) continue;
      const [left, top] = viewport.convertToViewportPoint(one.rect[0], one.rect[1]);
      const [right, bottom] = viewport.convertToViewportPoint(one.rect[2], one.rect[3]);
      const link = this.element("a", "link");
      link.style.left = `${(Math.min(left, right) / viewport.width) * 100}%`;
      link.style.top = `${(Math.min(top, bottom) / viewport.height) * 100}%`;
      link.style.width = `${(Math.abs(right - left) / viewport.width) * 100}%`;
      link.style.height = `${(Math.abs(bottom - top) / viewport.height) * 100}%`;
      link.tabIndex = 0;
      link.setAttribute("role", "link");
      if (one.url) {
        link.dataset.to = one.url;
        link.setAttribute("aria-label", one.url);
      } else {
        link.dataset.to = "";
        link.setAttribute("aria-label", one.overlaidText || this.words["place-page"].replace("{label}", "…"));
        link.addEventListener("click", () => this.follow(one.dest));
      }
      link.addEventListener("keydown", (event) => event.key === "Enter" && link.click());
      place.appendChild(link);
    }
  }

  async follow(dest) {
    const place = typeof dest === "string" ? await this.file.getDestination(dest) : dest;
    if (!Array.isArray(place)) return;
    const index = typeof place[0] === "object" && place[0] ? await this.file.getPageIndex(place[0]).catch(() => -1) : place[0];
    this.pages[index]?.scrollIntoView({ block: "start" });
  }
}
