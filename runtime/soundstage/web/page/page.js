// The page: the run's story as it grows, and the visitor's part in it.

import { Call, CallError } from "./call.js";
import { Meters } from "./meters.js";
import { People } from "./people.js";
import { Story } from "./story.js";
import { Transcript, clockOf } from "./transcript.js";

const UNREACHABLE_AFTER = 8000;
const LOST = "The connection was lost, and your seat has been given up unless you come back at once. Join again when your network is back.";
const UNPLUGGED = "The microphone is gone: it was unplugged, or the browser took it back. Join again when it is there.";
const BACK = "Welcome back: you have your seat again.";
const UNREACHABLE = "The scenario cannot be reached any more. It may have been stopped; this page goes on trying.";

const at = (id) => document.getElementById(id);
const link = location.pathname;

const story = new Story();
const people = new People(at("people"));
const transcript = new Transcript({
  scroll: at("scroll"), said: at("transcript"), growing: at("growing"), empty: at("empty"),
});

let call = null;
let meters = null;
let connection = "none"; // none, connecting, connected, shaky
let reachable = null;
let due = false;
let trip = null;

// The visit outlives a reload, so that the visitor gets the seat back.
const visit = sessionStorage.visit ?? (sessionStorage.visit = token());

function token() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function say(text, mood = "warning") {
  at("message").textContent = text;
  at("message").dataset.mood = mood;
  at("message").hidden = !text;
}

function redraw() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw();
  });
}

function draw() {
  document.title = `${story.title} · Soundstage`;
  at("title").textContent = story.title;
  at("clock").textContent = clockOf(story.now);
  people.show(story, call?.seat ?? 0);
  transcript.show(story);
  const [text, mood] = stateOf();
  if (at("state").textContent !== text) at("state").textContent = text;
  at("state").dataset.mood = mood;
  drawControls();
}

function stateOf() {
  if (story.goodbye) return ["Ended", "ended"];
  if (reachable === false) return ["Out of reach", "bad"];
  if (connection === "connecting") return ["Connecting …", "waiting"];
  if (connection === "shaky") return ["Connection is shaky", "bad"];
  if (connection === "connected") return [call.muted ? "Connected, muted" : "Connected", "good"];
  if (!story.you) return ["Watching", "good"];
  return story.seats.some((seat) => seat.state === "free") ? ["Not joined", "waiting"] : ["Watching", "waiting"];
}

function drawControls() {
  const joined = call !== null;
  const canJoin = Boolean(story.you) && !story.goodbye && !joined;
  const full = story.seats.length > 0 && story.seats.every((seat) => seat.state === "seated" || seat.state === "joining");
  at("join").hidden = !canJoin;
  at("mute").hidden = at("leave").hidden = at("meters").hidden = connection !== "connected" && connection !== "shaky";
  if (connection === "none") at("unblock").hidden = true;
  const muted = connection === "connected" && call.muted;
  at("mute").setAttribute("aria-pressed", String(muted));
  at("mute").querySelector("span").textContent = muted ? "Unmute" : "Mute";
  at("hint").textContent = hintOf(canJoin, full);
  at("trip").textContent = trip === null ? "–" : `${Math.max(1, Math.round(trip * 1000))} ms`;
}

function hintOf(canJoin, full) {
  if (story.goodbye) return "You can close this window.";
  if (!story.you) return "This window is for watching; no microphone is used.";
  if (canJoin && full) return story.seats.length > 1 ? "All seats are taken." : "The seat is taken.";
  if (canJoin) return "Your browser will ask for the microphone.";
  return "";
}

async function join() {
  say("");
  const mine = call = new Call(link, visit, story.ice, (state) => follow(mine, state));
  at("ear").srcObject = mine.room;
  redraw();
  try {
    await mine.join();
    hear(mine);
  } catch (error) {
    if (!(error instanceof CallError)) console.error(error);
    hangUp(mine);
    say(error instanceof CallError ? error.message : "The call could not be made.");
  }
}

function follow(from, state) {
  // The seats tell that a visitor has left before the answer to "leave" is here: that is no loss.
  if (from !== call || from.over) return;
  if (state === "lost" || state === "unplugged") {
    if (state === "unplugged") from.leave();
    hangUp(from);
    say(state === "lost" ? LOST : UNPLUGGED);
    return;
  }
  connection = state;
  if (state === "connected") {
    say(sessionStorage.joined ? BACK : "", "news");
    sessionStorage.joined = "yes";
  }
  redraw();
}

function hear(from) {
  if (from !== call) return;
  at("ear").play().catch(() => { at("unblock").hidden = false; });
  meters = new Meters();
  meters.follow(from.microphone, at("said"));
  meters.follow(from.room, at("heard"));
}

function hangUp(from) {
  from.end();
  if (from !== call) return;
  call = null;
  connection = "none";
  trip = null;
  meters?.close();
  meters = null;
  at("ear").srcObject = null;
  delete sessionStorage.joined;
  redraw();
}

async function leave() {
  const from = call;
  await from.leave();
  hangUp(from);
  at("join").focus();
}

function follow_story() {
  const source = new EventSource(`${link}events`);
  let silence = null;
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      reachable = false;
      say(UNREACHABLE);
      redraw();
    }, UNREACHABLE_AFTER);
  };
  source.onopen = listen;
  source.onmessage = ({ data }) => {
    listen();
    if (reachable === false) say("");
    reachable = true;
    const event = JSON.parse(data);
    story.take(event);
    if (event.type === "hello") greet();
    if (event.type === "seats") keepSeat();
    if (event.type === "levels") people.measure(event);
    if (event.type === "bye") {
      clearTimeout(silence);
      source.close();
      if (call) hangUp(call);
      say(event.text, "news");
    }
    redraw();
  };
}

// A browser that has slept takes its time to notice that its call is gone; the seats tell at once.
function keepSeat() {
  const mine = story.seats.find((seat) => seat.seat === call?.seat);
  if (mine && connection !== "connecting" && (mine.state === "away" || mine.state === "free")) {
    follow(call, "lost");
  }
}

function greet() {
  people.clear();
  transcript.clear();
  if (sessionStorage.joined && !call && story.you) join();
}

at("join").onclick = join;
at("leave").onclick = leave;
at("mute").onclick = () => {
  call.muted = !call.muted;
  redraw();
};
at("unblock").onclick = () => {
  at("ear").play();
  at("unblock").hidden = true;
};
addEventListener("pagehide", () => call?.vanish());
addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
setInterval(async () => {
  if (connection !== "connected") return;
  trip = await call.roundTrip().catch(() => null);
  redraw();
}, 1000);
follow_story();
