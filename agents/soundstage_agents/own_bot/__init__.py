"""The kind `bot`: a voice agent of the user's own, which is called as its callers call it."""

from soundstage_agents.own_bot.bot_agent import BotAgent

__all__ = ["BotAgent"]
