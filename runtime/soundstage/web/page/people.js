// Who is on stage: a card each, with its waveform.

import { share } from "./level.js";

const BAR = 4; // pixels from one bar to the next
const STEP = 100; // milliseconds between two levels

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class People {
  constructor(list) {
    this.list = list;
    this.cards = new Map();
    this.draw = this.draw.bind(this);
    requestAnimationFrame(this.draw);
  }

  clear() {
    this.list.replaceChildren();
    this.cards.clear();
  }

  show(story, mySeat) {
    rowsOf(story, mySeat).forEach((row, place) => {
      const card = this.cards.get(row.key) ?? this.add(row);
      const there = this.list.children[place];
      if (there !== card.item) this.list.insertBefore(card.item, there ?? null);
      card.item.dataset.voice = row.voice;
      card.item.dataset.state = row.state;
      card.name.textContent = row.name;
      card.state.textContent = row.state;
      card.detail.textContent = row.detail;
      card.shown = true;
    });
    for (const [key, card] of this.cards) {
      if (!card.shown) {
        card.item.remove();
        this.cards.delete(key);
      }
      card.shown = false;
    }
  }

  measure(levels) {
    const now = performance.now();
    for (const [key, card] of this.cards) {
      const [agent, seat] = key.split("#");
      const level = seat ? levels.seats[seat] : levels.peaks[agent];
      card.wave.push(level ?? 0);
      if (card.wave.length > 600) card.wave.shift();
      card.at = now;
    }
  }

  add(row) {
    const item = document.createElement("li");
    item.className = "person";
    item.dataset.key = row.key;
    const [name, state, detail] = ["strong", "span", "span"].map((tag) => document.createElement(tag));
    name.className = "name";
    state.className = "doing";
    detail.className = "detail";
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    const head = document.createElement("p");
    head.append(name, state, detail);
    item.append(head, canvas);
    const card = { item, name, state, detail, canvas, wave: [], at: 0, shown: false };
    this.cards.set(row.key, card);
    return card;
  }

  draw(now) {
    for (const card of this.cards.values()) drawWave(card, now);
    requestAnimationFrame(this.draw);
  }
}

function rowsOf(story, mySeat) {
  const rows = [];
  for (const person of story.people.values()) {
    if (person.name !== story.you) rows.push({ key: person.name, ...person, detail: detailOf(person) });
  }
  return story.you ? [...rows, ...visitorsOf(story, mySeat)] : rows;
}

// The visitors share one agent; each has a row of its own where there may be several.
function visitorsOf(story, mySeat) {
  const person = story.person(story.you);
  const many = story.seats.length > 1;
  const taken = story.seats.filter((seat) => seat.state !== "free");
  if (!taken.length) {
    const free = many ? `${story.seats.length} free seats` : "a free seat";
    return [{ key: person.name, ...person, state: free, detail: "" }];
  }
  return taken.map((seat) => ({
    ...person,
    key: many ? `${person.name}#${seat.seat}` : person.name,
    name: (many ? `${person.name} ${seat.seat}` : person.name) + (seat.seat === mySeat ? " (you)" : ""),
    state: seatState(seat, story, person, many),
    detail: many ? "" : detailOf(person),
  }));
}

function seatState(seat, story, person, many) {
  if (seat.state === "joining") return "is joining";
  if (seat.state === "away") return "was cut off";
  if (seat.muted) return "muted";
  if (!many) return person.state;
  return story.isLoud(seat.seat) ? "speaking" : "here";
}

function detailOf(person) {
  const parts = [];
  if (person.gap !== null) parts.push(`answered in ${person.gap.toFixed(1)} s`);
  if (person.cuts) parts.push(`cut off ${person.cuts}×`);
  return parts.join(" · ");
}

function drawWave(card, now) {
  const { canvas, wave } = card;
  const scale = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  if (canvas.width !== Math.round(width * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = getComputedStyle(card.item).getPropertyValue("--voice");
  const slid = calm.matches ? 0 : Math.min(1, (now - card.at) / STEP) * BAR;
  const count = Math.ceil(width / BAR) + 1;
  for (let back = 0; back < count; back += 1) {
    const level = wave[wave.length - 1 - back] ?? 0;
    const tall = Math.max(2, share(level) * height);
    pen.globalAlpha = level > 0.003 ? 1 : 0.35;
    pen.beginPath();
    pen.roundRect(width - back * BAR - slid, (height - tall) / 2, BAR - 1.5, tall, 1.25);
    pen.fill();
  }
}
