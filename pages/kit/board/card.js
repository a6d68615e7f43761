/* One card: code, age, title, priority, owner; labels, due date and counts where there are any. */
import { element, fill } from "../dom.js";

/** The card's node, made or mended; untouched when nothing about it changed. */
export function draw(node, card, board, column) {
  const signature = JSON.stringify([card, column.category, board.data.language, board.data.today]);
  if (node && node.signature === signature) return node;
  const fresh = node ?? element("li", "card");
  fresh.signature = signature;
  fresh.dataset.id = card.id;
  fresh.dataset.code = card.code;
  fresh.setAttribute("aria-label", spoken(card, board));
  fresh.setAttribute("aria-roledescription", board.words.card);
  fresh.classList.toggle("waiting", Boolean(card.waiting));
  fresh.replaceChildren(top(card, board, column), title(card), foot(card, board));
  return fresh;
}

/** What changes without the card changing: chosen, open, reachable by Tab. */
export function adjust(node, board, id) {
  node.classList.toggle("chosen", board.chosen.has(id));
  node.classList.toggle("open", board.data.open === id);
  const tab = reachable(node, board) ? 0 : -1;
  // Asked of the attribute: without one a list item says -1 too, but can't be given the focus.
  if (node.getAttribute("tabindex") !== String(tab)) {
    node.tabIndex = tab;
    node.querySelector("a").tabIndex = tab;
  }
}

/** Tab stops once in each column: at the card that was used last, else at the first. */
function reachable(node, board) {
  const active = board.nodes.get(board.active);
  const list = node.parentElement;
  return node === active || (node === list?.firstElementChild && active?.parentElement !== list);
}

/** The card in one sentence, for those who listen. */
export function spoken(card, board) {
  const { words, data } = board;
  const parts = [card.code, card.title, data.priorities[card.priority]];
  if (card.owner) parts.push(fill(words.ownedBy, { name: data.people[card.owner]?.name ?? "" }));
  parts.push(fill(words.forDays, { count: card.age }));
  if (card.due) parts.push(fill(overdue(card, board) ? words.overdueSince : words.dueOn, { day: day(card.due, data.language) }));
  if (card.labels.length) parts.push(card.labels.join(", "));
  if (card.comments) parts.push(fill(words.comments, { count: card.comments }));
  if (card.documents) parts.push(fill(words.documents, { count: card.documents }));
  return parts.join(words.comma);
}

function top(card, board, column) {
  const line = element("small");
  line.append(element("span", "code", card.code));
  const right = element("span", "right");
  const done = column.category === "done";
  right.append(element("span", done ? "tick" : "", done ? "✓" : fill(board.words.days, { count: card.age })));
  if (card.comments) right.append(element("span", "count said", card.comments));
  if (card.documents) right.append(element("span", "count papers", card.documents));
  line.append(right);
  return line;
}

function title(card) {
  const line = element("p");
  const link = element("a", "", card.title);
  const address = new URL(window.location.href);
  address.searchParams.set("card", card.code);
  link.href = address.search;
  link.draggable = false;
  link.tabIndex = -1;
  line.append(link);
  return line;
}

function foot(card, board) {
  const row = element("div", "row");
  row.append(element("span", `tag ${card.priority}`, board.data.priorities[card.priority]));
  if (card.clearance) row.append(element("span", "lock", board.data.clearances[card.clearance]));
  for (const label of card.labels.slice(0, 3)) row.append(element("span", "label", label));
  if (card.labels.length > 3) row.append(element("span", "label", `+${card.labels.length - 3}`));
  const right = element("span", "right");
  if (card.due) right.append(element("span", overdue(card, board) ? "due late" : "due", day(card.due, board.data.language)));
  if (card.owner) {
    const person = board.data.people[card.owner];
    const badge = element("span", "person", person?.initials ?? "?");
    badge.title = person?.name ?? "";
    right.append(badge);
  }
  row.append(right);
  return row;
}

function overdue(card, board) {
  const category = board.columns.find((column) => column.id === card.state)?.category;
  return card.due < board.data.today && category !== "done" && category !== "dropped";
}

const formats = new Map();

function day(iso, language) {
  if (!formats.has(language)) {
    formats.set(language, new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone: "UTC" }));
  }
  return formats.get(language).format(new Date(`${iso}T00:00:00Z`));
}
