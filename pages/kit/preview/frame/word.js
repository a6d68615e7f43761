/* Word by docx-preview. Its fields, macros and embedded pages are not carried out; what it refers to elsewhere
   is not fetched. Pages end where Word broke them when the file was saved. */
const LARGEST = 80 * 1024 * 1024; // bytes of XML, unpacked
const NOTHING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
/* Signs for lists stand in Word's own fonts at places of their own; these are what they look like. */
const SIGNS = { f0b7: "•", f0a7: "▪", f0d8: "➢", f0fc: "✓", f0fe: "☑", f0a8: "□", f0e0: "→", f076: "❖", f02d: "–", f06c: "●", f06e: "■", f071: "❑" };
const SERIF = /times|song|宋|cambria|georgia|serif|garamond|ming|明|kai|楷/i;
const WITH_SERIFS = '"Times New Roman", "Liberation Serif", "Songti SC", "Noto Serif CJK SC", serif';
const WITHOUT = 'Arial, "Liberation Sans", "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';
let library;

export function ready({ classic }) {
  library ??= classic("jszip.min.js").then(() => classic("docx-preview.min.js"));
  return library;
}

export async function draw(content, tools) {
  await ready(tools);
  const zip = await globalThis.JSZip.loadAsync(content);
  const unpacked = Object.values(zip.files).filter((file) => /\.(xml|rels)$/i.test(file.name)).reduce((sum, file) => sum + (file._data?.uncompressedSize ?? 0), 0);
  if (unpacked > LARGEST) throw Object.assign(new Error("too much XML"), { why: "large" });
  const options = {
    ignoreLastRenderedPageBreak: false, renderAltChunks: false, renderChanges: true, experimental: false, debug: false,
  };
  const file = await globalThis.docx.parseAsync(content, options);
  // A picture that lies elsewhere is not fetched; without this its address would become "null".
  const picture = file.loadDocumentImage.bind(file);
  file.loadDocumentImage = async (...asked) => (await picture(...asked)) ?? NOTHING;
  const root = tools.element("main", "word");
  root.append(...(await globalThis.docx.renderDocument(file, options)));
  root.querySelectorAll("iframe, object, embed, script").forEach((one) => one.remove());
  for (const link of root.querySelectorAll("a[href]")) {
    link.dataset.to = link.getAttribute("href");
    link.removeAttribute("href");
    link.setAttribute("role", "link");
    link.tabIndex = 0;
    link.addEventListener("keydown", (event) => event.key === "Enter" && link.click());
  }
  for (const style of root.querySelectorAll("style")) style.textContent = legible(style.textContent);
  for (const one of root.querySelectorAll("[style]")) if (one.style.fontFamily) one.style.fontFamily = beside(one.style.fontFamily);
  document.body.appendChild(root);
  // A break before the first paragraph makes no page in Word.
  const [before, next] = root.querySelectorAll("section.docx");
  if (next && !before.querySelector("article")?.childElementCount) before.remove();
  const pages = [...root.querySelectorAll("section.docx")];
  return {
    pages, width: Math.max(...pages.map((page) => page.offsetWidth), 1),
    zoom(factor) {
      root.style.zoom = factor;
    },
  };
}

/* Calibri is on few phones: without a second name the browser would take any font. */
function beside(family) {
  if (/(sans-serif|serif|monospace)\s*$/.test(family)) return family;
  return `${family}, ${SERIF.test(family) ? WITH_SERIFS : WITHOUT}`;
}

function legible(css) {
  return css
    .replace(/[\uf000-\uf0ff]/g, (sign) => SIGNS[sign.codePointAt(0).toString(16)] ?? sign)
    .replace(/\\(f0[0-9a-f]{2})(?![0-9a-f])/gi, (all, sign) => SIGNS[sign.toLowerCase()] ?? all)
    .replace(/((?:font-family|--docx-\w+-font)\s*:\s*)([^;}]+)/g, (_, name, family) => name + beside(family.trim()));
}
