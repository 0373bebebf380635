#!/usr/bin/env bash
# @mastra/voice-openai-realtime 0.14.0: speak(text, { speaker }) puts the voice where the beta of the Realtime
# API had it, response.voice. The request types of the GA API have no such field (a voice stands in
# response.audio.output.voice), so a server that goes by them refuses the whole reply, and nothing is said.
#
# Output seen: "without a speaker: instructions; with one: instructions, voice; in the types: no voice"
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit @mastra/voice-openai-realtime@0.14.0 ws@8 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openai==3.57.0
cat > speak.mjs <<'JS'
import { WebSocketServer } from "ws";
import { OpenAIRealtimeVoice } from "@mastra/voice-openai-realtime";

const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
await new Promise((resolve) => server.on("listening", resolve));
const created = [];
let both;
const all = new Promise((resolve) => (both = resolve));
server.on("connection", (socket) => {
  const send = (event) => socket.send(JSON.stringify(event));
  send({ type: "session.created", session: { type: "realtime" } });
  socket.on("message", (data) => {
    const event = JSON.parse(data);
    if (event.type === "session.update") send({ type: "session.updated", session: event.session });
    if (event.type === "response.create" && created.push(event.response) === 2) both();
  });
});
const url = `ws://127.0.0.1:${server.address().port}`;
const voice = new OpenAIRealtimeVoice({ url, apiKey: "any", model: "gpt-realtime-2.1" });
await voice.connect();
await voice.speak("Good morning.");
await voice.speak("Good morning.", { speaker: "echo" });
await all;
const [plain, chosen] = created.map((response) => Object.keys(response).sort().join(", "));
console.log(`without a speaker: ${plain}; with one: ${chosen}`);
process.exit(0);
JS
seen="$(node speak.mjs); in the types: $(venv/bin/python -c '
from openai.types.realtime import RealtimeResponseCreateParams as Params
print("voice" if "voice" in Params.model_fields else "no voice")')"
echo "$seen"
[ "$seen" = "without a speaker: instructions; with one: instructions, voice; in the types: no voice" ]
