"""The transport `livekit-console`: an agent of LiveKit's framework, with no server and no room."""

from soundstage.bots.livekit_console.console_call import LiveKitConsoleCall
from soundstage.bots.livekit_console.console_dialect import ConsoleDialect

__all__ = ["ConsoleDialect", "LiveKitConsoleCall"]
