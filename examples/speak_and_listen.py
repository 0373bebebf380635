"""Say a WAV file to the model, and keep its spoken answer.

The question is 24 kHz mono 16-bit, and so is the answer.
"""

import argparse
import asyncio
import os
import wave

from soundstage import RealtimeClient
from soundstage.client import server_events

URL = os.environ.get("REALTIME_URL", "http://127.0.0.1:8765/v1")


async def main(question: str, answer: str) -> None:
    with wave.open(question) as file:
        pcm = file.readframes(file.getnframes())
    session = {"audio": {"input": {"transcription": {"model": "gpt-transcribe"}}}}
    async with RealtimeClient(session, base_url=URL) as client:
        listening = asyncio.create_task(keep(client, answer))
        client.sound.write(pcm)
        async for event in client:
            match event:
                case server_events.InputTranscriptionCompleted():
                    print("ME", event.transcript)
                case server_events.OutputTranscriptDone():
                    print("AI", event.transcript)
                case server_events.OutputAudioBufferStopped():
                    break
    # The client is closed, so there is nothing more to hear.
    await listening


async def keep(client: RealtimeClient, path: str) -> None:
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        async for frame in client.sound.heard:
            file.writeframes(frame)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question", help="the WAV file that is said")
    parser.add_argument("answer", help="the WAV file that is written")
    given = parser.parse_args()
    asyncio.run(main(given.question, given.answer))
