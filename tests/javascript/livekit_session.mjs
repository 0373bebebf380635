// The realtime session of LiveKit's agents for Node: a tool, an interruption, a second persona.
import { initializeLogger, llm } from "@livekit/agents";
import * as openai from "@livekit/agents-plugin-openai";
import { AudioFrame } from "@livekit/rtc-node";
import { z } from "zod";
import { News, speak } from "./microphone.mjs";

initializeLogger({ pretty: false, level: "error" });
const model = new openai.realtime.RealtimeModel({
  apiKey: "any",
  baseURL: process.env.OPENAI_BASE_URL,
  model: "gpt-realtime-2.1",
  inputAudioTranscription: { model: "gpt-transcribe" },
  turnDetection: { type: "server_vad" },
});
const session = model.session();
const news = new News();
const found = { calls: [], errors: [], said: [], heard: [], truncated: [], instructions: [] };
let samples = 0;
let latest = "";

session.on("error", ({ error }) => {
  found.errors.push(String(error));
  news.tell();
});
session.on("input_audio_transcription_completed", ({ isFinal, transcript }) => {
  if (isFinal) found.heard.push(transcript);
});
session.on("openai_server_event_received", (event) => {
  if (event.type === "conversation.item.truncated") found.truncated.push(event.audio_end_ms);
  if (event.type === "session.updated") found.instructions.push(event.session.instructions);
  news.tell();
});

const readMessages = async (stream) => {
  for await (const message of stream) {
    latest = message.messageId;
    const audio = (async () => {
      for await (const frame of message.audioStream) {
        samples += frame.samplesPerChannel;
        news.tell();
      }
    })();
    let text = "";
    for await (const part of message.textStream) text += typeof part === "string" ? part : part.text;
    await audio;
    found.said.push(text);
    news.tell();
  }
};
const answer = async ({ messageStream, functionStream }) => {
  const messages = readMessages(messageStream);
  const results = [];
  for await (const { callId, name, args } of functionStream) {
    found.calls.push(JSON.parse(args).location);
    const output = JSON.stringify({ sky: "grey" });
    results.push(llm.FunctionCallOutput.create({ callId, name, output, isError: false }));
  }
  await messages;
  if (results.length === 0) return;
  const context = session.chatCtx.copy();
  context.items.push(...results);
  await session.updateChatCtx(context);
  await session.generateReply();
};
session.on("generation_created", (generation) =>
  answer(generation).catch((error) => {
    found.errors.push(String(error));
    news.tell();
  }),
);
const send = (frame) => {
  const part = new Int16Array(frame.buffer, frame.byteOffset, frame.length / 2);
  session.pushAudio(new AudioFrame(part, 24000, 1, part.length));
};
const type = async (content) => {
  const context = session.chatCtx.copy();
  context.addMessage({ role: "user", content });
  await session.updateChatCtx(context);
  await session.generateReply();
};
const said = (text) => found.said.filter((one) => one === text).length;

const weather = llm.tool({
  name: "get_weather",
  description: "The weather in a city.",
  parameters: z.object({ location: z.string() }),
  execute: async () => "",
});
await session.updateInstructions("Be brief.");
await session.updateTools(new llm.ToolContext([weather]));
await speak(send);
await news.until(() => said("It is grey there.") === 1);

const before = samples;
await type("Please say something long.");
await news.until(() => samples > before);
await session.interrupt();
await session.truncate({ messageId: latest, audioEndMs: 100, modalities: ["text", "audio"] });
await news.until(() => found.truncated.length === 1);

await session.updateInstructions("You make refunds.");
await speak(send);
await news.until(() => said("It is grey there.") === 2);
await type("Bye.");
await news.until(() => said("Goodbye.") === 1);
await session.close();
console.log(JSON.stringify(found));
process.exit(0);
