// What was said, called and noted, line by line; and what is being said.

import { seconds } from "./story.js";

export function clockOf(pts) {
  const whole = Math.floor(seconds(pts));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export class Transcript {
  constructor({ scroll, said, growing, empty }) {
    this.scroll = scroll;
    this.said = said;
    this.growing = growing;
    this.empty = empty;
    this.drawn = [];
  }

  clear() {
    this.said.replaceChildren();
    this.growing.replaceChildren();
    this.drawn = [];
  }

  show(story) {
    const below = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight;
    story.lines.forEach((line, number) => this.showLine(line, number, story));
    const growing = [...story.growing.values()].filter((line) => line.text.trim());
    this.growing.replaceChildren(
      ...growing.map((line) => lineItem({ ...line, kind: "growing" }, story)),
    );
    this.empty.hidden = story.lines.length + growing.length > 0;
    if (below < 60) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  showLine(line, number, story) {
    const print = `${line.text}|${line.answer ?? ""}`;
    if (this.drawn[number] === print) return;
    const item = lineItem(line, story);
    if (number < this.drawn.length) this.said.children[number].replaceWith(item);
    else this.said.append(item);
    this.drawn[number] = print;
  }
}

function lineItem(line, story) {
  const item = document.createElement("li");
  item.className = line.kind;
  if (line.agent) item.dataset.voice = story.person(line.agent).voice;
  const when = element("time", clockOf(line.pts));
  const who = element("b", line.agent || "run");
  const words = element("span", line.text, "words");
  item.append(when, who, words);
  if (line.cutBy) item.append(element("i", `cut off by ${line.cutBy}`, "aside"));
  if (line.kind === "tool") item.append(toolAnswer(line));
  return item;
}

function toolAnswer(line) {
  if (line.answer === null) return element("i", "…", "aside");
  const answer = element("span", `→ ${line.answer} `, line.failed ? "answer failed" : "answer");
  answer.append(element("i", `${line.latency.toFixed(2)} s`, "aside"));
  return answer;
}

function element(tag, text, name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}
