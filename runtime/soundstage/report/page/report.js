"use strict";
// Draws the time line and plays from a moment. Everything that is said here stands in the page
// as text too: the picture is for the eyes, the transcript for everyone.
(() => {
  const find = (id) => document.getElementById(id);
  const timeline = find("timeline");
  const audio = find("audio");
  const scroller = find("scroller");
  const width = find("width");
  const canvas = find("canvas");
  const here = find("here");
  const toggle = find("toggle");
  const duration = Math.max(Number(timeline.dataset.duration), 0.001);

  const RULER = 22;
  const PINS = 18;
  const LANE = 70;
  const HEAD = 18;
  const TEXT = 17;
  const TINTS = 8;

  const lanes = [...find("lanes").children].map((item, index) => ({
    name: item.dataset.name,
    tint: index % TINTS,
    step: Number(item.dataset.step || 0),
    peaks: item.dataset.peaks
      ? Uint8Array.from(atob(item.dataset.peaks), (letter) => letter.charCodeAt(0))
      : null,
    audible: (item.dataset.audible || "")
      .split(" ")
      .filter(Boolean)
      .map((pair) => pair.split(",").map(Number)),
  }));
  // The loudest sample of the run fills its lane; a reduce, as a spread has an argument for each.
  const loudest = lanes.reduce((most, lane) => (lane.peaks || []).reduce((high, peak) => Math.max(high, peak), most), 1);
  const list = find("entries");
  const entries = list === null ? [] : [...list.children].map((item) => ({
    item,
    kind: item.dataset.kind,
    start: Number(item.dataset.start),
    end: Number(item.dataset.end),
    lane: Number(item.dataset.lane),
    label: item.dataset.label,
    text: item.querySelector(".text").textContent,
  }));
  const pins = entries.filter((each) => ["passed", "failed", "skipped", "unknown"].includes(each.kind));
  const height = RULER + lanes.length * LANE + (pins.length > 0 ? PINS : 0) + 4;

  let at = 0;
  let scale = 1;
  let colours = {};
  let shown = null;
  let asked = false;

  const clock = (seconds) => {
    const tenths = Math.round(seconds * 10);
    const rest = (tenths % 600) / 10;
    return `${Math.floor(tenths / 600)}:${rest < 10 ? "0" : ""}${rest.toFixed(1)}`;
  };
  const top = (lane) => RULER + lane * LANE;

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    const names = ["text", "dim", "line", "card", "accent", "failed", "passed", "doubt", "calm"];
    for (let tint = 0; tint < TINTS; tint += 1) names.push(`voice-${tint}`);
    colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`)]));
  }

  function draw() {
    asked = false;
    const wide = scroller.clientWidth;
    const dense = window.devicePixelRatio || 1;
    const [columns, rows] = [Math.round(wide * dense), Math.round(height * dense)];
    if (canvas.width !== columns || canvas.height !== rows) {
      canvas.width = columns;
      canvas.height = rows;
      canvas.style.width = `${wide}px`;
      canvas.style.height = `${height}px`;
    }
    const paint = canvas.getContext("2d");
    paint.setTransform(dense, 0, 0, dense, 0, 0);
    paint.clearRect(0, 0, wide, height);
    paint.font = "12px system-ui, sans-serif";
    paint.textBaseline = "middle";
    const since = scroller.scrollLeft / scale;
    const view = { paint, wide, since, until: since + wide / scale, x: (time) => (time - since) * scale };
    drawRuler(view);
    lanes.forEach((lane, number) => drawLane(view, lane, number));
    view.free = lanes.map((lane) => paint.measureText(lane.name.slice(0, 40)).width + 14);
    for (const each of entries) if (each.end >= view.since && each.start <= view.until) drawEntry(view, each);
    drawPins(view);
    lanes.forEach((lane, number) => drawName(view, lane, number));
    paint.fillStyle = colours.text;
    paint.fillRect(view.x(at) - 0.75, 0, 1.5, height);
  }

  function ask() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  }

  function drawRuler({ paint, wide, since, until, x }) {
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600];
    const step = steps.find((each) => each * scale >= 64) || 86400;
    paint.fillStyle = colours.dim;
    paint.textAlign = "left";
    for (let time = Math.floor(since / step) * step; time <= until; time += step) {
      paint.fillRect(x(time), 0, 1, 6);
      paint.fillText(clock(time), x(time) + 4, 11);
    }
    paint.fillStyle = colours.line;
    paint.fillRect(0, RULER - 1, wide, 1);
  }

  function drawLane({ paint, wide, since, x }, lane, number) {
    const reach = (LANE - HEAD - TEXT) / 2 - 1;
    const middle = top(number) + HEAD + reach;
    paint.fillStyle = colours.line;
    paint.fillRect(0, top(number) + LANE - 1, wide, 1);
    paint.fillStyle = colours[`voice-${lane.tint}`];
    if (lane.peaks === null) {
      for (const [start, end] of lane.audible) {
        if (x(end) >= 0 && x(start) <= wide) paint.fillRect(x(start), middle - 5, Math.max((end - start) * scale, 1), 10);
      }
      return;
    }
    paint.beginPath();
    for (let column = 0; column < wide; column += 1) {
      const first = Math.floor((since + column / scale) / lane.step);
      const last = Math.max(first + 1, Math.floor((since + (column + 1) / scale) / lane.step));
      let peak = 0;
      for (let place = first; place < last && place < lane.peaks.length; place += 1) {
        if (lane.peaks[place] > peak) peak = lane.peaks[place];
      }
      const half = Math.max((peak / loudest) * reach, peak > 0 ? 0.75 : 0.25);
      paint.rect(column, middle - half, 1, half * 2);
    }
    paint.fill();
  }

  function drawEntry(view, each) {
    const { paint, x } = view;
    if (each.lane < 0 || pins.includes(each)) return;
    const base = top(each.lane);
    const left = x(each.start);
    const long = Math.max((each.end - each.start) * scale, 2);
    if (each.kind === "turn") {
      words(view, each.text, left, base + LANE - 10, long - 4, colours.text);
    } else if (each.kind === "tool") {
      paint.fillStyle = colours.accent;
      paint.fillRect(left, base + HEAD - 3, long, 3);
      const room = Math.min(paint.measureText(each.label).width + 6, 150);
      if (left < view.free[each.lane]) return;
      words(view, each.label, left, base + 9, room, colours.accent);
      view.free[each.lane] = left + room;
    } else if (["cut", "fault", "dropped"].includes(each.kind)) {
      paint.fillStyle = colours.failed;
      paint.fillRect(left - 1, base + 2, 2.5, LANE - 4);
    } else {
      paint.fillStyle = each.kind === "warning" ? colours.doubt : colours.calm;
      paint.fillRect(left, base + 4, 2, 10);
    }
  }

  function words({ paint, wide }, text, x, y, room, colour) {
    // What begins left of the view goes on at its edge, so that there is always something to read.
    const start = Math.max(x, 2);
    const left = Math.min(x + room - start, wide - start);
    if (left < 14) return;
    paint.fillStyle = colour;
    paint.textAlign = "left";
    let shorter = text.slice(0, 300);
    const whole = paint.measureText(shorter).width;
    if (whole > left) shorter = `${shorter.slice(0, Math.max(Math.floor((shorter.length * left) / whole) - 1, 1))}…`;
    paint.fillText(shorter, start, y, left + 4);
  }

  function drawPins({ paint, wide, since, until, x }) {
    const row = RULER + lanes.length * LANE;
    let free = 0;
    for (const pin of pins) {
      if (pin.start < since - 20 / scale || pin.start > until + 20 / scale) continue;
      const left = x(pin.start);
      const tone = { passed: colours.passed, failed: colours.failed, skipped: colours.calm };
      paint.fillStyle = tone[pin.kind] || colours.doubt;
      paint.globalAlpha = 0.55;
      paint.fillRect(left - 0.5, RULER, 1, row - RULER);
      paint.globalAlpha = 1;
      paint.beginPath();
      paint.moveTo(left, row - 2);
      paint.lineTo(left + 5, row + 7);
      paint.lineTo(left - 5, row + 7);
      paint.fill();
      const room = paint.measureText(pin.label).width;
      if (left + 8 < free || left + 8 + room > wide) continue;
      paint.textAlign = "left";
      paint.fillText(pin.label, left + 8, row + 8);
      free = left + 16 + room;
    }
  }

  function drawName({ paint, wide }, lane, number) {
    const name = lane.name.slice(0, 40);
    const room = Math.min(paint.measureText(name).width, wide / 2);
    paint.fillStyle = colours.card;
    paint.globalAlpha = 0.85;
    paint.fillRect(0, top(number) + 1, room + 12, HEAD - 2);
    paint.globalAlpha = 1;
    paint.fillStyle = colours[`voice-${lane.tint}`];
    paint.textAlign = "left";
    paint.fillText(name, 6, top(number) + 10, wide / 2);
  }

  function zoom(next, middle) {
    const least = scroller.clientWidth / duration;
    const before = middle === undefined ? at : middle;
    const place = Math.min(Math.max((before - scroller.scrollLeft / scale) * scale, 0), scroller.clientWidth);
    scale = Math.min(Math.max(next, least), 400);
    width.style.width = `${Math.round(duration * scale)}px`;
    scroller.scrollLeft = before * scale - place;
    ask();
  }

  function nearest(time) {
    let found = null;
    for (const each of entries) {
      if (each.start > time + 0.05) break;
      if (each.kind === "turn" && each.end < time) continue;
      if (found === null || each.kind === "turn" || found.kind !== "turn") found = each;
    }
    return found;
  }

  function moved(follow) {
    const now = nearest(at);
    const words = now === null ? "" : now.text.slice(0, 200);
    const who = now === null || now.lane < 0 || lanes[now.lane] === undefined ? "" : `${lanes[now.lane].name}: `;
    here.textContent = `${clock(at)}  ${who}${words}`;
    scroller.setAttribute("aria-valuenow", at.toFixed(1));
    scroller.setAttribute("aria-valuetext", `${clock(at)} ${who}${words}`);
    if (now !== shown) {
      if (shown !== null) {
        shown.item.classList.remove("now");
        shown.item.removeAttribute("aria-current");
      }
      if (now !== null) {
        now.item.classList.add("now");
        now.item.setAttribute("aria-current", "true");
      }
      shown = now;
    }
    if (follow) {
      const x = at * scale - scroller.scrollLeft;
      if (x < 0 || x > scroller.clientWidth * 0.92) scroller.scrollLeft = at * scale - scroller.clientWidth * 0.15;
    }
    ask();
  }

  function seek(time) {
    at = Math.min(Math.max(time, 0), duration);
    if (audio !== null) audio.currentTime = at;
    moved(true);
  }

  function play() {
    if (audio === null) return;
    audio.play().catch(() => { find("silent").hidden = false; });
  }

  function step(direction) {
    const others = entries.filter((each) => (direction > 0 ? each.start > at + 0.05 : each.start < at - 0.05));
    if (others.length > 0) seek(others[direction > 0 ? 0 : others.length - 1].start);
  }

  const KEYS = {
    ArrowLeft: () => seek(at - 1),
    ArrowRight: () => seek(at + 1),
    PageUp: () => seek(at - 10),
    PageDown: () => seek(at + 10),
    Home: () => seek(0),
    End: () => seek(duration),
    ArrowUp: () => step(-1),
    ArrowDown: () => step(1),
    Enter: () => switchOver(),
    " ": () => switchOver(),
  };

  function switchOver() {
    if (audio === null) return;
    if (audio.paused) play();
    else audio.pause();
  }

  function follow() {
    at = Math.min(audio.currentTime, duration);
    moved(true);
    if (!audio.paused) requestAnimationFrame(follow);
  }

  scroller.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  scroller.addEventListener("scroll", ask, { passive: true });
  canvas.addEventListener("click", (event) => seek((event.offsetX + scroller.scrollLeft) / scale));
  find("in").addEventListener("click", () => zoom(scale * 2));
  find("out").addEventListener("click", () => zoom(scale / 2));
  find("fit").addEventListener("click", () => zoom(0));
  toggle.addEventListener("click", switchOver);
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".play");
    if (button === null) return;
    seek(Number(button.dataset.at));
    play();
  });
  if (audio !== null) {
    audio.addEventListener("play", () => { toggle.textContent = "Pause"; follow(); });
    audio.addEventListener("pause", () => { toggle.textContent = "Play"; });
    audio.addEventListener("seeked", () => { if (audio.paused) { at = Math.min(audio.currentTime, duration); moved(true); } });
    audio.addEventListener("error", () => { find("silent").hidden = false; });
    const sound = find("sound");
    if (sound !== null) {
      sound.addEventListener("change", () => {
        const going = !audio.paused;
        find("silent").hidden = true;
        audio.src = sound.value;
        audio.currentTime = at;
        if (going) play();
      });
    }
  } else {
    for (const button of document.querySelectorAll(".play")) {
      button.setAttribute("aria-label", button.getAttribute("aria-label").replace("Play from", "Go to"));
    }
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); ask(); });
  new ResizeObserver(() => zoom(scale)).observe(timeline);

  timeline.hidden = false;
  find("undrawn").hidden = true;
  readColours();
  // A long run begins with a stretch that can be read, a short one as a whole.
  zoom(12);
  moved(false);
})();
