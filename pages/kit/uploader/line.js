/* One file on its way: waiting, running, over (stored, perhaps with a warning) or refused. */
import { element } from "../dom.js";

export class Line {
  constructor(file, asked, words, press) {
    this.file = file;
    this.asked = asked;
    this.node = element("li");
    const name = element("b", "file");
    name.append(element("bdi", "", file.name));
    this.bar = element("progress");
    this.bar.max = 1;
    this.bar.setAttribute("aria-label", file.name);
    this.said = element("span", "said");
    this.act = element("button");
    this.act.addEventListener("click", press);
    const how = element("div", "how");
    how.append(this.bar, this.said);
    this.node.append(name, how, this.act);
    this.speak(words);
    this.wait();
  }

  speak(words) {
    this.words = words;
    if (this.state === "waiting") this.said.textContent = words.waiting;
    this.act.textContent = this.state === "refused" ? words.retry : words.cancel;
  }

  wait() {
    this.state = "waiting";
    this.node.className = "";
    this.bar.value = 0;
    this.bar.hidden = false;
    this.act.hidden = false;
    this.speak(this.words);
  }

  send(over) {
    const { words } = this;
    this.state = "running";
    const request = (this.request = new XMLHttpRequest());
    this.said.textContent = words.sending;
    request.open("PUT", `/vault/upload?${new URLSearchParams(this.asked)}`);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) this.bar.value = event.loaded / event.total;
      if (event.loaded === event.total) this.said.textContent = words.checking;
    });
    request.addEventListener("load", () => over(this.answered()));
    request.addEventListener("error", () => over(this.refused(words.broken)));
    request.addEventListener("abort", () => over(this.refused(words.cancelled)));
    request.send(this.file);
  }

  /* What the route said, in its words; true when the file is stored. */
  answered() {
    const { words, request } = this;
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      /* no answer in words */
    }
    const reasons = (answer.reasons ?? []).map((reason) => reason.message).join(" ");
    if (request.status === 401) return this.refused(words.signedOut);
    // What the file itself is the reason for stays so, however often one tries.
    if (request.status !== 200) return this.refused(`${words.refused} ${reasons}`, { again: request.status >= 500 });
    this.state = "over";
    this.bar.hidden = true;
    this.act.hidden = true;
    this.node.className = answer.outcome;
    const here = new URLSearchParams(window.location.search);
    const link = element("a", "ac-go", answer.code);
    link.href = `?${new URLSearchParams({ project: here.get("project") ?? "", document: answer.code })}`;
    this.said.replaceChildren(`${words[answer.outcome]} `, link, ` v${answer.version} ${reasons}`);
    return true;
  }

  refused(words, { again = true } = {}) {
    this.state = "refused";
    this.node.className = "refused";
    this.bar.hidden = true;
    this.said.textContent = words;
    this.act.hidden = !again;
    this.act.textContent = this.words.retry;
    return false;
  }
}
