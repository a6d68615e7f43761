/* What is plain text: text, mail, and the text of what has no preview of its own; Markdown, by markdown-it
   without HTML. Everything goes in by textContent, save what markdown-it has written. */
const PART = 60_000; // characters that are laid out at once

export async function ready({ classic, libraries }) {
  if (libraries?.includes("markdown-it.min.js")) await classic("markdown-it.min.js");
}

export async function draw(content, tools) {
  const { element } = tools;
  const found = JSON.parse(new TextDecoder().decode(content));
  const root = element("main", "sheet");
  root.setAttribute("dir", "auto");
  document.body.appendChild(root);
  const pages = found.places ? places(root, found.places, tools)
    : found.head ? mail(root, found, tools)
    : tools.kind === "markdown" ? await markdown(root, found.text, tools)
    : [text(root, found.text, tools)];
  return {
    pages, width: 0,
    zoom(factor) {
      root.style.fontSize = `${factor * 16}px`;
    },
  };
}

/* Cut between lines, so that a long one is laid out only where it is looked at. */
function text(root, whole, { element }) {
  const box = element("div", "written");
  for (let start = 0; start < whole.length; ) {
    let end = Math.min(whole.length, start + PART);
    const line = whole.lastIndexOf("\n", end - 1) + 1;
    if (end < whole.length && line > start) end = line;
    box.appendChild(element("pre", "", whole.slice(start, end).replace(/\r\n?/g, "\n")));
    start = end;
  }
  root.appendChild(box);
  return box;
}

function mail(root, { head, text: body, attachments }, tools) {
  const { element, words, language } = tools;
  const list = element("dl", "head");
  for (const [name, value] of head) list.append(element("dt", "", words[name]), element("dd", "", value));
  root.appendChild(list);
  if (attachments.length) {
    root.appendChild(element("h2", "small", words.attachments));
    const names = element("ul", "attached");
    for (const one of attachments) {
      const line = element("li", "", one.name || words.unnamed);
      line.appendChild(element("span", "quiet", ` ${size(one.size, language)}`));
      names.appendChild(line);
    }
    root.appendChild(names);
  }
  text(root, body, tools).classList.add("letter");
  return [root];
}

function size(count, language) {
  let [number, unit] = [count, "B"];
  for (const bigger of ["KB", "MB", "GB"]) {
    if (number < 1000) break;
    [number, unit] = [number / 1000, bigger];
  }
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: unit === "B" ? 0 : 1 }).format(number)} ${unit}`;
}

function places(root, found, { element, words }) {
  return found.map(([kind, label, body]) => {
    const section = element("section", "place");
    const named = words[`place-${kind}`];
    const title = named ? named.replace("{label}", label) : label;
    if (title) section.appendChild(element("h2", "", title));
    // The text below a heading begins with the heading itself.
    const rest = kind === "heading" && body.startsWith(label) ? body.slice(label.length).trimStart() : body;
    for (const paragraph of rest.split("\n\n")) section.appendChild(element("p", "", paragraph));
    root.appendChild(section);
    return section;
  });
}

async function markdown(root, source, { classic }) {
  if (!globalThis.markdownit) await classic("markdown-it.min.js");
  const marked = globalThis.markdownit({ html: false, linkify: false, typographer: false });
  root.classList.add("marked");
  // Pictures would be fetched from elsewhere: their words stand for them.
  marked.renderer.rules.image = (tokens, index) => `<span class="picture">${marked.utils.escapeHtml(tokens[index].content)}</span>`;
  root.innerHTML = marked.render(source);
  root.querySelectorAll("a[href]").forEach((link) => {
    link.dataset.to = link.getAttribute("href");
    link.removeAttribute("href");
    link.setAttribute("role", "link");
    link.tabIndex = 0;
  });
  const headings = root.querySelectorAll("h1, h2, h3, h4, h5, h6");
  for (const heading of headings) heading.id = heading.textContent.trim().toLowerCase().replace(/[^\p{L}\p{N}\s-]/gu, "").replace(/\s/g, "-");
  return [root];
}
