// The official agents framework over WebRTC, in a page: a tool, and a spoken answer.
const { OpenAIRealtimeWebRTC, RealtimeAgent, RealtimeSession, tool } = OpenAIAgentsRealtime;
window.seen = { events: [], calls: [], errors: [], state: "" };
const parameters = {
  type: "object",
  properties: { location: { type: "string" } },
  required: ["location"],
  additionalProperties: false,
};
const weather = tool({
  name: "get_weather",
  description: "The weather in a city.",
  parameters,
  execute: async ({ location }) => {
    seen.calls.push(location);
    return JSON.stringify({ sky: "grey" });
  },
});
const agent = new RealtimeAgent({ name: "desk", instructions: "Be brief.", tools: [weather] });
window.audio = document.createElement("audio");
const transport = new OpenAIRealtimeWebRTC({
  baseUrl: "https://api.openai.com/v1/realtime/calls?model=refunds",
  audioElement: audio,
});
window.session = new RealtimeSession(agent, { transport });
session.on("error", (error) => seen.errors.push(JSON.stringify(error)));
session.on("transport_event", (event) => seen.events.push(event));
try {
  const { value } = await (await fetch("/token")).json();
  await session.connect({ apiKey: value });
  seen.state = "connected";
} catch (error) {
  seen.failed = String(error);
}
