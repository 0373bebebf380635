"""Agents and effects that go wrong, and some that rightly say nothing."""

from soundstage import Agent, Effect, EffectSettings, Heard, handles


class Guard(Agent):
    """Listens, and has nothing to say with."""

    @handles(Heard)
    def heard(self, heard):
        self.last = heard.text


class Breaks(Agent):
    """Raises at the first words that it hears."""

    @handles(Heard)
    def heard(self, heard):
        raise ValueError("broken")


class HangsUp(Agent):
    """Leaves at the first words that it hears."""

    @handles(Heard)
    def heard(self, heard):
        self.leave()


class Broken(Effect):
    """Raises at the first frame."""

    class Settings(EffectSettings):
        pass

    def apply(self, sound):
        raise ValueError("broken")


def ledger(run):
    return {"12": "open"}


def no_ledger(run):
    raise ConnectionError("the ledger is away")
