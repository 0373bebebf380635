// The official agents framework over a WebSocket, in Node: a tool, an interruption, a hand-off.
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import { z } from "zod";
const calls = [];
const weather = tool({
  name: "get_weather",
  description: "The weather in a city.",
  parameters: z.object({ location: z.string() }),
  execute: async ({ location }) => { calls.push(location); return JSON.stringify({ sky: "grey" }); },
});
const agent = new RealtimeAgent({ name: "desk", instructions: "Be brief.", tools: [weather] });
const url = process.env.OPENAI_BASE_URL.replace("http", "ws") + "/realtime?model=refunds";
const transport = new OpenAIRealtimeWebSocket({ url, useInsecureApiKey: true });
const session = new RealtimeSession(agent, { transport });
const errors = [];
session.on("error", (e) => errors.push(JSON.stringify(e)));
const seen = [];
let wake = () => {};
session.on("transport_event", (e) => { seen.push(e); wake(); });
const until = async (type, n = 1) => {
  for (;;) {
    const found = seen.filter((e) => e.type === type);
    if (found.length >= n) return found[n - 1];
    await new Promise((r) => (wake = r));
  }
};
await session.connect({ apiKey: "any", url });
const updated = await until("session.updated");
session.sendMessage("What is the weather in Dublin?");
const said = await until("response.output_audio_transcript.done");
console.log(JSON.stringify({ calls, said: said.transcript, model: updated.session.model, instructions: updated.session.instructions, errors }));
session.close();
process.exit(0);
