#!/usr/bin/env bash
# @ai-sdk/openai 4.0.118: with a base URL of one's own, the client secret for a realtime session is asked for
# there, scheme and path kept; but the address that getToken() gives to the browser is always
# wss://HOST/v1/realtime. Behind a gateway with a path, or on a plain port, the session is then sought where
# nothing answers, though the secret came from the right place.
#
# Output seen: "asked for /gateway/v1/realtime/client_secrets; told to connect to
# wss://HOST/v1/realtime?model=gpt-realtime-2.1"
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit @ai-sdk/openai@4.0.118 > /dev/null
cat > ask.mjs <<'JS'
import assert from "node:assert";
import { createServer } from "node:http";
import { createOpenAI } from "@ai-sdk/openai";

let asked = "";
const server = createServer((request, response) => {
  asked = request.url;
  const secret = { value: "ek_1", expires_at: 2000000000, session: { type: "realtime" } };
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(secret));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const host = `127.0.0.1:${server.address().port}`;
const openai = createOpenAI({ baseURL: `http://${host}/gateway/v1`, apiKey: "any" });
const { url } = await openai.experimental_realtime.getToken({ model: "gpt-realtime-2.1" });
server.close();
const told = url.replace(host, "HOST");
console.log(`asked for ${asked}; told to connect to ${told}`);
assert.equal(asked, "/gateway/v1/realtime/client_secrets");
assert.equal(told, "wss://HOST/v1/realtime?model=gpt-realtime-2.1");
JS
node ask.mjs
