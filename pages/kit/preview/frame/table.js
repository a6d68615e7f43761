/* Sheets of cells: one at a time, its rows drawn as one scrolls; letters and numbers stand still at the edges. */
const PART = 120; // rows that are drawn at once
const USUAL = 72; // px: a column of which nothing is said

export async function draw(content, tools) {
  const { element } = tools;
  const { sheets, styles } = JSON.parse(new TextDecoder().decode(content));
  const root = element("main", "grid");
  const tabs = element("div", "tabs");
  tabs.setAttribute("role", "tablist");
  tabs.hidden = sheets.length < 2;
  document.body.append(root, tabs);
  document.body.classList.add("sheets");
  let at = 0;
  let factor = 1;
  const buttons = sheets.map((sheet, index) => {
    const tab = element("button", "", sheet.name);
    tab.type = "button";
    tab.setAttribute("role", "tab");
    tab.addEventListener("click", () => show(index + 1));
    tabs.appendChild(tab);
    return tab;
  });
  const show = (number) => {
    at = number - 1;
    buttons.forEach((tab, index) => tab.setAttribute("aria-selected", index === at));
    buttons[at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    root.replaceChildren(sheets[at] ? grid(sheets[at], styles, tools) : "");
    root.style.zoom = factor;
    scrollTo(0, 0);
    tools.moved();
  };
  show(1);
  return {
    pages: buttons, tabs: true, width: 0, show,
    at: () => at + 1,
    zoom(wanted) {
      factor = wanted;
      root.style.zoom = factor;
    },
  };
}

function letters(number) {
  let name = "";
  for (let left = number + 1; left > 0; left = Math.floor((left - 1) / 26)) name = String.fromCharCode(65 + ((left - 1) % 26)) + name;
  return name;
}

function grid({ rows, widths, merged, cut }, styles, { element, words }) {
  if (!rows.length) return element("p", "nothing", words.nothing);
  const count = rows.reduce((most, row) => Math.max(most, row.length), merged.reduce((most, [, column, , wide]) => Math.max(most, column + wide), 1));
  const wide = Array.from({ length: count }, (_, column) => widths[column] ?? (widths.length ? USUAL : fitting(rows, column)));
  const table = element("table");
  const columns = element("colgroup");
  const numbers = element("col");
  numbers.style.width = "48px";
  columns.appendChild(numbers);
  const head = element("tr");
  head.appendChild(element("th"));
  for (let column = 0; column < count; column += 1) {
    const one = element("col");
    one.style.width = `${wide[column]}px`;
    if (!wide[column]) one.style.visibility = "collapse";
    columns.appendChild(one);
    const name = element("th", "", letters(column));
    name.scope = "col";
    head.appendChild(name);
  }
  table.style.width = `${48 + wide.reduce((sum, one) => sum + one, 0)}px`;
  const top = element("thead");
  top.appendChild(head);
  const body = element("tbody");
  table.append(columns, top, body);
  const spans = new Map();
  const covered = new Set();
  for (const [row, column, high, across] of merged) {
    spans.set(`${row},${column}`, [high, across]);
    for (let r = row; r < Math.min(row + high, rows.length); r += 1) for (let c = column; c < column + across; c += 1) if (r !== row || c !== column) covered.add(`${r},${c}`);
  }
  const box = element("div");
  const end = element("p", "quiet end", cut ? words.more : "");
  box.append(table, end);
  let drawn = 0;
  const more = () => {
    const part = document.createDocumentFragment();
    for (const last = Math.min(rows.length, drawn + PART); drawn < last; drawn += 1) part.appendChild(line(drawn));
    body.appendChild(part);
    if (drawn >= rows.length) watch.disconnect();
  };
  const line = (number) => {
    const row = element("tr");
    const name = element("th", "", String(number + 1));
    name.scope = "row";
    row.appendChild(name);
    for (let column = 0; column < count; column += 1) {
      if (covered.has(`${number},${column}`)) continue;
      const cell = rows[number][column] ?? null;
      const [words_, style] = Array.isArray(cell) ? cell : [cell ?? "", 0];
      const place = element("td", "", words_);
      const span = spans.get(`${number},${column}`);
      if (span) [place.rowSpan, place.colSpan] = [Math.min(span[0], rows.length - number), span[1]];
      const look = styles[style] ?? {};
      // As a spreadsheet does: what is longer than its cell lies over the empty one beside it.
      if (!look.wrap && !span && words_ && look.align !== "right" && rows[number][column + 1] == null && column + 1 < count) place.classList.add("over");
      dress(place, look);
      row.appendChild(place);
    }
    return row;
  };
  const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), { rootMargin: "1200px" });
  watch.observe(end);
  more();
  return box;
}

function dress(cell, { bold, italic, struck, ink, fill, align }) {
  if (bold) cell.style.fontWeight = "650";
  if (italic) cell.style.fontStyle = "italic";
  if (struck) cell.style.textDecoration = "line-through";
  if (ink) cell.style.color = ink;
  if (fill) cell.style.backgroundColor = fill;
  if (align) cell.style.textAlign = align;
}

/* For a table of which nothing is said: as wide as its first lines need, within bounds. */
function fitting(rows, column) {
  let longest = 0;
  for (const row of rows.slice(0, 200)) {
    const cell = row[column];
    const text = String((Array.isArray(cell) ? cell[0] : cell) ?? "");
    // A Chinese character is as wide as two others.
    longest = Math.max(longest, [...text.slice(0, 80)].reduce((sum, c) => sum + (c > "\u2e7f" ? 2 : 1), 0));
  }
  return Math.min(360, Math.max(56, longest * 7.4 + 18));
}
