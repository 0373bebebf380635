// The official SDK over a WebSocket, with the tool, the interruption and the text of a small session.
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";

const realtime = new OpenAIRealtimeWS({ model: "gpt-realtime-2.1" }, new OpenAI());
const seen = [];
realtime.on("event", (event) => seen.push(event.type));
realtime.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
const until = (type) => new Promise((resolve) => realtime.once(type, resolve));
const say = (text) => {
  const content = [{ type: "input_text", text }];
  realtime.send({
    type: "conversation.item.create",
    item: { type: "message", role: "user", content },
  });
  realtime.send({ type: "response.create" });
};

await until("session.created");
const tool = { type: "function", name: "get_weather", parameters: { type: "object" } };
realtime.send({ type: "session.update", session: { type: "realtime", tools: [tool] } });
await until("session.updated");

say("What is the weather in Dublin?");
const call = await until("response.function_call_arguments.done");
await until("response.done");
realtime.send({
  type: "conversation.item.create",
  item: { type: "function_call_output", call_id: call.call_id, output: '{"sky": "grey"}' },
});
realtime.send({ type: "response.create" });
const said = await until("response.output_audio_transcript.done");
await until("response.done");

say("Please say something long.");
const delta = await until("response.output_audio.delta");
realtime.send({ type: "response.cancel" });
const cut = { type: "conversation.item.truncate", item_id: delta.item_id, content_index: 0 };
realtime.send({ ...cut, audio_end_ms: 100 });
await until("conversation.item.truncated");

realtime.send({
  type: "session.update",
  session: { type: "realtime", output_modalities: ["text"] },
});
await until("session.updated");
say("Bye.");
const text = await until("response.output_text.done");
console.log(
  JSON.stringify({
    url: String(realtime.url),
    arguments: JSON.parse(call.arguments),
    said: said.transcript,
    text: text.text,
    errors: seen.filter((type) => type === "error").length,
  }),
);
realtime.close();
