// Vercel's AI SDK over a WebSocket, with a client secret: its session is made for browsers.
import { createServer } from "node:http";
import { createOpenAI } from "@ai-sdk/openai";
import { Experimental_AbstractRealtimeSession as RealtimeSession } from "ai";
import { WebSocket } from "ws";
import { News, speak } from "./microphone.mjs";

// What a browser has and Node lacks: a WebSocket, and a sound card that plays in real time.
globalThis.WebSocket ??= WebSocket;
globalThis.AudioContext = class {
  state = "running";
  destination = {};
  begun = Date.now();

  get currentTime() {
    return (Date.now() - this.begun) / 1000;
  }

  createBuffer(_channels, length, rate) {
    const samples = new Float32Array(length);
    return { duration: length / rate, getChannelData: () => samples };
  }

  createBufferSource() {
    const source = { connect() {}, disconnect() {}, onended: null, timer: null };
    source.start = () => {
      source.timer = setTimeout(() => source.onended?.(), source.buffer.duration * 1000);
    };
    source.stop = () => clearTimeout(source.timer);
    return source;
  }

  async resume() {}

  async close() {}
};

const openai = createOpenAI();
const MODEL = "gpt-realtime-2.1";
const tools = [
  {
    type: "function",
    name: "get_weather",
    description: "The weather in a city.",
    parameters: { type: "object", properties: { location: { type: "string" } } },
  },
];
const server = createServer(async (_, response) => {
  const setup = await openai.experimental_realtime.getToken({ model: MODEL });
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ ...setup, tools }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const news = new News();
const seen = [];
const calls = [];
const errors = [];
class Session extends RealtimeSession {
  setState(key, value) {
    this.state = { ...this.state, [key]: value };
  }
}
const session = new Session({
  model: openai.experimental_realtime(MODEL, { api: "realtime" }),
  api: { token: `http://127.0.0.1:${server.address().port}/` },
  sessionConfig: {
    instructions: "Be brief.",
    voice: "marin",
    turnDetection: { type: "server-vad" },
    inputAudioTranscription: { model: "gpt-transcribe" },
  },
  onToolCall: async ({ toolCall }) => {
    calls.push(toolCall.args.location);
    return { sky: "grey" };
  },
  onEvent: (event) => {
    seen.push(event);
    news.tell();
  },
  onError: (error) => errors.push(String(error)),
});
const count = (type) => seen.filter((event) => event.type === type).length;

await session.connect();
await news.until(() => count("session-updated") === 1);
await speak((frame) => session.sendAudio(frame.toString("base64")));
await news.until(() => count("response-done") === 2);

const sounds = count("audio-delta");
session.sendTextMessage("Please say something long.");
await news.until(() => count("audio-delta") > sounds);
const { itemId } = seen.findLast((event) => event.type === "audio-delta");
session.cancelResponse();
session.stopPlayback();
const cut = { type: "conversation-item-truncate", itemId, contentIndex: 0, audioEndMs: 100 };
await session.sendEvent(cut);
await news.until(() => count("response-done") === 3);

session.sendTextMessage("Bye.");
await news.until(() => count("response-done") === 4);
const messages = session.state.messages.map(({ role, parts }) => [
  role,
  parts.map((part) => part.text ?? part.type).join(" "),
]);
console.log(JSON.stringify({ calls, errors, messages }));
session.disconnect();
server.close();
process.exit(0);
