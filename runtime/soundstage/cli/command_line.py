"""`run-scenario` and `soundstage`: what they take, and what they exit with."""

from __future__ import annotations

import gc
import platform
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from soundstage.cli.comparing.comparison_options import compare, diff
from soundstage.cli.completion import complete_engine, complete_scenario, complete_voice
from soundstage.cli.judging.judging_options import calibrate, judge
from soundstage.cli.measuring.bots_options import bots
from soundstage.cli.run_request import Request
from soundstage.cli.selftesting.selftest_options import selftest
from soundstage.cli.standard_output import (
    INVALID,
    USAGE,
    fail,
    show_what_cannot_be_shown,
    told_as,
)
from soundstage.errors import InfrastructureError, UsageError
from soundstage.installed import version_of


class Clock(StrEnum):
    """What a run is played on."""

    wall = "wall"
    virtual = "virtual"


class Ui(StrEnum):
    """How a run is shown."""

    auto = "auto"
    live = "live"
    plain = "plain"
    json = "json"
    none = "none"


class Kept(StrEnum):
    """Of which runs of a batch the whole folder is kept."""

    all = "all"
    failed = "failed"
    none = "none"


class SoundFormat(StrEnum):
    """The format of the recordings that a batch keeps."""

    wav = "wav"
    flac = "flac"
    opus = "opus"


class EngineName(StrEnum):
    """What runs the units of a batch."""

    local = "local"
    ray = "ray"


def print_version(wanted: bool) -> None:  # noqa: FBT001 - the value of a flag
    """Print the versions of the package and of Python, and exit; nothing without `--version`."""
    if wanted:
        version = version_of("soundstage")
        sys.stdout.write(f"soundstage {version} (Python {platform.python_version()})\n")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=print_version, is_eager=True, help="Print the version, and exit."
    ),
]

_run_scenario_app = typer.Typer()


def run_scenario() -> None:
    """The command `run-scenario`."""
    show_what_cannot_be_shown()
    # Nothing of what is loaded is garbage, and to look through it takes a tenth of a short run.
    # Before the run begins, `run_command` turns the collection on again.
    gc.disable()
    try:
        _run_scenario_app()
    finally:
        gc.enable()


@_run_scenario_app.command()
def _run_scenario(
    file: Annotated[
        str | None,
        typer.Argument(
            help="A scenario file, or the name of a shipped scenario.",
            autocompletion=complete_scenario,
        ),
    ] = None,
    provider: Annotated[
        str | None,
        typer.Option(
            help="The service for agents that name none: local, openai, or one of the file.",
            autocompletion=lambda: ["local", "openai"],
        ),
    ] = None,
    clock: Annotated[
        Clock,
        typer.Option(help="wall: in real time; virtual: in simulated time."),
    ] = Clock.wall,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the file's seed.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run folder: absent or empty.")] = None,
    ui: Annotated[Ui, typer.Option(help="How the run is shown.")] = Ui.auto,
    speaker: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--speaker", help="Play the run on the default speaker.")
    ] = False,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a key: agents.alice.voice=ash."),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Where simulated runs keep what the speech engines made."),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Compute all speech again.")] = False,  # noqa: FBT002 - a flag
    repeat: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Run N seeds, counting up from the file's; one folder each."
        ),
    ] = None,
    until_decided: Annotated[  # noqa: FBT002 - a flag
        bool,
        typer.Option(
            "--until-decided", help="Run seeds until [verdict] is decided, --repeat at most."
        ),
    ] = False,
    matrix: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH=A,B,C", help="Run each seed with each value: agents.bob.voice=ash,coral."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="How many of them at the same time, in processes.")
    ] = None,
    keep: Annotated[
        Kept | None,
        typer.Option(
            help="Of which of them the whole folder is kept; all of fewer than 200, else failed. "
            "Of the others, the event log is kept; with none, not even that."
        ),
    ] = None,
    sound: Annotated[
        SoundFormat | None, typer.Option(help="The format of the sound that is kept.")
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Make only part I of N; see soundstage merge."),
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="What runs them: processes of this machine, or Ray.")
    ] = EngineName.local,
    address: Annotated[
        str | None, typer.Option(help="The Ray cluster, as HOST:PORT; else this machine alone.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Run this file as well, as what was before, and compare it with --repeat.",
            autocompletion=complete_scenario,
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show the run on a web page too.")] = False,  # noqa: FBT002 - a flag
    strict: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--strict", help="Refuse voices that OpenAI lacks.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the file.")] = False,  # noqa: FBT002 - a flag
    graph: Annotated[bool, typer.Option("--graph", help="Only show the links.")] = False,  # noqa: FBT002 - a flag
    list_: Annotated[bool, typer.Option("--list", help="List the shipped scenarios.")] = False,  # noqa: FBT002 - a flag
    version: Version = False,  # noqa: FBT002, ARG001 - a flag that its callback answers
) -> None:
    """Run a scenario: its agents talk, and a folder keeps what was said, heard and done."""
    # Only now: what follows loads what --help must not pay for.
    from soundstage.cli import run_command  # noqa: PLC0415 - as above
    from soundstage.kernel import Interrupts  # noqa: PLC0415 - as above

    if list_:
        run_command.list_scenarios()
        return
    if file is None:
        fail("run-scenario: name a scenario file, or --list the shipped ones", USAGE)
    request = Request(
        file=file,
        provider=provider,
        clock=clock.value,
        seed=seed,
        out=out,
        ui=ui.value,
        speaker=speaker,
        sets=tuple(sets or ()),
        cache=cache,
        no_cache=no_cache,
        repeat=repeat,
        until_decided=until_decided,
        matrix=tuple(matrix or ()),
        jobs=jobs,
        keep=keep.value if keep else None,
        sound=sound.value if sound else None,
        shard=shard or "",
        engine=engine.value,
        address=address,
        against=against,
        watch=watch,
        strict=strict,
    )
    with _errors_told():
        if check:
            run_command.check(request)
        elif graph:
            run_command.graph(request)
        else:
            with Interrupts(is_last=True) as interrupts:
                raise typer.Exit(run_command.run(request, interrupts))


@contextmanager
def _errors_told() -> Generator[None]:
    """Say what went wrong, and exit as it deserves: only a failed agent exits with 1."""
    try:
        yield
    except (typer.Exit, KeyboardInterrupt):
        raise
    except UsageError as error:
        fail(str(error), USAGE)
    except InfrastructureError as error:
        fail(f"run-scenario: {error}", INVALID)
    except Exception:  # noqa: BLE001 - whatever it is, it is no agent's failure
        traceback.print_exc()
        fail("run-scenario: this is a fault of Soundstage, not of the scenario", INVALID)


_soundstage = typer.Typer(
    no_args_is_help=True, help="The commands beside `run-scenario`, which runs a scenario."
)


@_soundstage.callback()
def _commands(
    version: Version = False,  # noqa: FBT002 - a flag that its callback answers
) -> None:
    """The commands beside `run-scenario`, which runs a scenario."""


_SCHEMAS = (
    "scenario",
    "events",
    "expectations",
    "diff",
    "compare",
    "batch",
    "ledger",
    "summary",
    "differences",
)


@_soundstage.command()
def schema(
    what: Annotated[
        str,
        typer.Argument(help=", ".join(_SCHEMAS), autocompletion=lambda: list(_SCHEMAS)),
    ] = "scenario",
) -> None:
    """Print a JSON Schema: of scenario files, for editors, or of what a run leaves."""
    from soundstage.cli import run_command  # noqa: PLC0415 - as above

    if what not in _SCHEMAS:
        fail(f"soundstage schema: say one of {', '.join(_SCHEMAS)}", USAGE)
    run_command.print_schema(what)


_soundstage.command()(judge)
_soundstage.command()(calibrate)
_soundstage.command()(selftest)
_soundstage.add_typer(bots, name="bots")


@_soundstage.command()
def new(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")],
    bot: Annotated[
        str | None,
        typer.Option(
            help="A bot of your own in place of an agent: websocket, twilio, pipecat or livekit."
        ),
    ] = None,
) -> None:
    """Write a folder to start from: a scenario, an agent, and a test that passes."""
    from soundstage.cli import new_command  # noqa: PLC0415 - as above

    with told_as("soundstage new"):
        written = new_command.write_starter(folder, bot)
    sys.stdout.write("".join(f"{path}\n" for path in written))
    sys.stdout.write(f"\nrun it:   run-scenario {written[0]}\ntest it:  pytest {folder}\n")


@_soundstage.command()
def devices() -> None:
    """List microphones and speakers, for agents of the kind `device`."""
    from soundstage.cli import devices_command  # noqa: PLC0415 - as above

    with told_as("soundstage devices"):
        devices_command.show()


@_soundstage.command()
def endpoint(
    host: Annotated[
        str, typer.Option(help="The address to listen on; any but this machine's own needs a key.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8765,
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="SOUNDSTAGE_API_KEY",
            help="The key that clients must send; without it, any key is accepted.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="A TOML file that says what it answers; read again when it changes."),
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS.")] = False,  # noqa: FBT002 - a flag
    tls_cert: Annotated[
        Path | None, typer.Option(help="Speak TLS with this certificate, a PEM file.")
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(help="The private key of --tls-cert, if it is not in the same file."),
    ] = None,
    expires_after: Annotated[
        str | None,
        typer.Option(help="How long every session lives, as 30s; in place of the file's."),
    ] = None,
    strict: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--strict", help="Refuse voices that OpenAI does not have, as it does.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name by which clients may call this machine."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(help="A site whose pages may use it, as https://app.example.org."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log warnings only.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Serve the OpenAI Realtime protocol on this machine, for any client, without a key."""
    from soundstage.cli import endpoint_command  # noqa: PLC0415 - it loads what --help must not pay for

    with told_as("soundstage endpoint"):
        certificate = endpoint_command.tls_of(own=tls, certificate=tls_cert, key=tls_key)
        lifetime = endpoint_command.lifetime_of(expires_after)
        request = endpoint_command.EndpointRequest(
            host,
            port,
            api_key,
            config,
            quiet,
            certificate,
            lifetime,
            strict,
            tuple(allow_host or ()),
            tuple(allow_origin or ()),
        )
        endpoint_command.serve(request)


@_soundstage.command()
def say(
    text: Annotated[str, typer.Argument(help='What to say, in English; "-" reads it from stdin.')],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The WAV file to write; it is replaced.")
    ],
    voice: Annotated[
        str, typer.Option(help="One of the engine's voices.", autocompletion=complete_voice)
    ] = "marin",
    speed: Annotated[float, typer.Option(help="1.0 is the voice's own pace.")] = 1.0,
    engine: Annotated[
        str, typer.Option(help="The synthesizer.", autocompletion=complete_engine)
    ] = "hibari",
) -> None:
    """Say a text into a WAV file: 24 kHz, mono, 16 bits."""
    from soundstage.cli import say_command  # noqa: PLC0415 - it loads what --help must not pay for

    with told_as("soundstage say"):
        done = say_command.say(
            sys.stdin.read() if text == "-" else text, output, voice, speed=speed, engine=engine
        )
    sys.stdout.write(f"{output}  {done.seconds:.2f} s  {done.words} words  {voice}\n")


@_soundstage.command()
def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of runs, or folders that hold such folders.")
    ],
    embed_audio: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--embed-audio", help="Put the sound into the page, to send it alone.")
    ] = False,
) -> None:
    """Write the report.html of runs that are over, from their folders."""
    from soundstage.cli import report_command  # noqa: PLC0415 - it loads what --help must not pay for

    with told_as("soundstage report"):
        for written in report_command.write_reports(runs, embed_audio=embed_audio):
            sys.stdout.write(f"{written}\n")


_soundstage.command()(diff)
_soundstage.command()(compare)


@_soundstage.command()
def trace(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of runs, or folders that hold such folders.")
    ],
) -> None:
    """Send runs that are over to a collector, as OTEL_EXPORTER_OTLP_ENDPOINT names it."""
    from soundstage.cli import trace_command  # noqa: PLC0415 - it loads what --help must not pay for

    with told_as("soundstage trace"):
        for sent in trace_command.send_traces(runs):
            sys.stdout.write(f"{sent}\n")


@_soundstage.command()
def merge(
    parts: Annotated[
        list[Path], typer.Argument(help="Folders of batches, as --repeat with --shard makes them.")
    ],
    out: Annotated[Path, typer.Option(help="The folder of the whole: absent or empty.")],
) -> None:
    """Put the parts of a batch together: exit 3 if runs are missing, or one seed gave two runs."""
    from soundstage.cli.batch import merge_batches  # noqa: PLC0415 - as above

    with told_as("soundstage merge"):
        code = merge_batches(parts, out)
    raise typer.Exit(code)


def soundstage() -> None:
    """The command `soundstage`."""
    show_what_cannot_be_shown()
    _soundstage()
