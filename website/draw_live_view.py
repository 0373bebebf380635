"""Draw `docs/live-view.svg` anew: the live view of a real call, 24 seconds after it began.

It takes half a minute, because the call is played on the wall clock over WebRTC.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from soundstage.cli.display import Display
from soundstage.cli.live_view import LiveView
from soundstage.run import play
from soundstage.scenario import load_scenario
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from soundstage.units import Samples

PICTURE: Final = Path(__file__).resolve().parent.parent / "docs" / "live-view.svg"
MOMENT: Final = samples_of_seconds(24)
WIDTH: Final = 96
HEIGHT: Final = 17

WITHOUT_FONTS: Final = re.sub(
    r"@font-face \{\{.*?\}\}", "", Console.export_svg.__kwdefaults__["code_format"], flags=re.DOTALL
)
"""Rich's own format names a font on another host; the reader's monospace font is as good."""


class Photographer(LiveView):
    """A live view that keeps one picture.

    Attributes:
        picture_taken: whether it has been drawn.
    """

    picture_taken = False

    def draw(self, now: Samples) -> None:
        """Draw, and keep the first picture after the moment."""
        super().draw(now)
        if now >= MOMENT and not self.picture_taken:
            self.picture_taken = True
            paper = Console(file=io.StringIO(), record=True, width=WIDTH, height=HEIGHT)
            paper.print(self.picture())
            title = "run-scenario alice_bob"
            PICTURE.write_text(paper.export_svg(title=title, code_format=WITHOUT_FONTS))


def main() -> int:
    """Play the call; returns the exit code."""
    scenario = load_scenario("alice_bob", sets=("end.turns=5",))
    console = Console(file=io.StringIO(), width=WIDTH, height=HEIGHT, force_terminal=True)
    view = Photographer(console, scenario.name, tuple(scenario.agents))
    with tempfile.TemporaryDirectory() as folder:
        play(scenario, out=Path(folder) / "run", display=lambda: Display(view))
    print(f"drew {PICTURE}" if view.picture_taken else "the call was over too soon: no picture")
    return 0 if view.picture_taken else 1


if __name__ == "__main__":
    sys.exit(main())
