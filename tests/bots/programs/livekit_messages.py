"""Messages of LiveKit's console, by LiveKit's own library: written, and ours read, as JSON."""

import json
import sys

from livekit.protocol.agent_pb import agent_session as pb

Message = pb.AgentSessionMessage
call = pb.FunctionCall(id="i", call_id="c", name="look", arguments="{}")
output = pb.FunctionCallOutput(call_id="c", output="grey", is_error=True)
said = pb.ChatMessage(
    id="m",
    role=pb.ASSISTANT,
    content=[pb.ChatMessage.ChatContent(text="Good "), pb.ChatMessage.ChatContent(text="day.")],
    interrupted=True,
)
Event = pb.AgentSessionEvent
info = pb.SessionResponse.GetFrameworkInfoResponse(sdk="python", sdk_version="1.8.9")
written = [
    Message(response=pb.SessionResponse(request_id="version", get_framework_info=info)),
    Message(
        audio_output=Message.ConsoleIO.AudioFrame(
            data=b"\1\0\2\0", sample_rate=48000, num_channels=1, samples_per_channel=2
        )
    ),
    Message(audio_playback_flush=Message.ConsoleIO.AudioPlaybackFlush()),
    Message(audio_playback_clear=Message.ConsoleIO.AudioPlaybackClear()),
    *(
        Message(event=event)
        for event in (
            Event(
                agent_state_changed=Event.AgentStateChanged(
                    old_state=pb.AS_THINKING, new_state=pb.AS_SPEAKING
                )
            ),
            Event(
                user_state_changed=Event.UserStateChanged(
                    old_state=pb.US_SPEAKING, new_state=pb.US_AWAY
                )
            ),
            Event(
                user_input_transcribed=Event.UserInputTranscribed(transcript="Hi", is_final=True)
            ),
            Event(
                conversation_item_added=Event.ConversationItemAdded(
                    item=pb.ChatContext.ChatItem(message=said)
                )
            ),
            Event(
                function_tools_executed=Event.FunctionToolsExecuted(
                    function_calls=[call], function_call_outputs=[output]
                )
            ),
            Event(function_tools_started=Event.FunctionToolsStarted(function_calls=[call])),
            Event(error=Event.Error(message="no model")),
            Event(agent_false_interruption=Event.AgentFalseInterruption(resumed=True)),
        )
    ),
]


def read(hexadecimal):
    message = Message()
    message.ParseFromString(bytes.fromhex(hexadecimal))
    kind = message.WhichOneof("message")
    if kind == "request":
        return [kind, message.request.WhichOneof("request")]
    frame = message.audio_input
    return [kind, frame.sample_rate, frame.num_channels, frame.samples_per_channel, len(frame.data)]


print(
    json.dumps(
        {
            "written": [each.SerializeToString().hex() for each in written],
            "read": [read(each) for each in sys.argv[1:]],
        }
    )
)
