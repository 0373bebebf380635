// Mastra's voice for OpenAI's Realtime API: a tool, a question in speech, a text to speak.
import { Readable } from "node:stream";
import { createTool } from "@mastra/core/tools";
import { OpenAIRealtimeVoice } from "@mastra/voice-openai-realtime";
import { z } from "zod";
import { News, speak } from "./microphone.mjs";

const voice = new OpenAIRealtimeVoice({
  url: process.env.OPENAI_BASE_URL.replace("http", "ws") + "/realtime",
  apiKey: "any",
  model: "gpt-realtime-2.1",
  speaker: "marin",
  transcriber: "gpt-transcribe",
});
const calls = [];
voice.addInstructions("Be brief.");
voice.addTools({
  get_weather: createTool({
    id: "get_weather",
    description: "The weather in a city.",
    inputSchema: z.object({ location: z.string() }),
    execute: async (input) => {
      calls.push((input.context ?? input).location);
      return { sky: "grey" };
    },
  }),
});

const news = new News();
const errors = [];
const written = { user: "", assistant: "" };
let bytes = 0;
let done = 0;
voice.on("error", (event) => {
  errors.push(event.error?.message ?? String(event));
  news.tell();
});
voice.on("writing", ({ text, role }) => (written[role] += text));
voice.on("speaker", (stream) => stream.on("data", (part) => (bytes += part.length)));
voice.on("response.done", () => {
  done += 1;
  news.tell();
});

await voice.connect();
const microphone = new Readable({ read() {} });
await voice.send(microphone);
await speak((frame) => microphone.push(frame));
await news.until(() => done === 2);
await voice.speak("Good morning.");
await news.until(() => done === 3);
const healthy = [...errors];
// What it sends here has the beta's fields, which the service refuses as well.
await voice.speak("Good morning.", { speaker: "echo" });
await news.until(() => errors.length > healthy.length);
console.log(JSON.stringify({ calls, healthy, errors, written, bytes }));
voice.close();
process.exit(0);
