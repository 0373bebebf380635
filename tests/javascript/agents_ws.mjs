// The official agents framework over a WebSocket, in Node: a tool, an interruption, a hand-off.
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import { z } from "zod";
import { News, speak } from "./microphone.mjs";

const calls = [];
const weather = tool({
  name: "get_weather",
  description: "The weather in a city.",
  parameters: z.object({ location: z.string() }),
  execute: async ({ location }) => {
    calls.push(location);
    return JSON.stringify({ sky: "grey" });
  },
});
const refunds = new RealtimeAgent({
  name: "refunds",
  instructions: "You make refunds.",
  tools: [weather],
});
const desk = new RealtimeAgent({
  name: "desk",
  instructions: "Be brief.",
  tools: [weather],
  handoffs: [refunds],
});
const url = process.env.OPENAI_BASE_URL.replace("http", "ws") + "/realtime?model=refunds";
const transport = new OpenAIRealtimeWebSocket({ url, useInsecureApiKey: true });
const session = new RealtimeSession(desk, { transport });
const news = new News();
const errors = [];
const seen = [];
const handoffs = [];
session.on("error", (error) => errors.push(JSON.stringify(error)));
session.on("agent_handoff", (_, from, to) => handoffs.push([from.name, to.name]));
session.on("transport_event", (event) => {
  seen.push(event);
  news.tell();
});
const all = (type) => seen.filter((event) => event.type === type);
const SAID = "response.output_audio_transcript.done";

await session.connect({ apiKey: "any", url });
await news.until(() => all("session.updated").length >= 1);
session.sendMessage("What is the weather in Dublin?");
await news.until(() => all(SAID).length === 1);

session.sendMessage("Please say something long.");
await news.until(() => all("response.created").length === 3);
const [{ response }] = all("response.created").slice(-1);
await news.until(() => all("response.output_audio.delta").some((e) => e.response_id === response.id));
session.interrupt();
await news.until(() => all("conversation.item.truncated").length === 1);
await news.until(() => all("response.done").length === 3);

const settled = all(SAID).length;
session.sendMessage("I would like a refund.");
await news.until(() => all(SAID).length > settled);
await speak((frame) => session.sendAudio(frame.buffer.slice(0, frame.length)));
await news.until(() => all(SAID).length > settled + 1);
console.log(
  JSON.stringify({
    calls,
    handoffs,
    errors,
    said: all(SAID).map((event) => event.transcript),
    model: all("session.updated")[0].session.model,
    instructions: all("session.updated").map((event) => event.session.instructions),
    tools: all("session.updated").map((event) => event.session.tools.map(({ name }) => name)),
    statuses: all("response.done").map((event) => event.response.status),
  }),
);
session.close();
process.exit(0);
