"""The tables `[servers.NAME]`: what they may say, and the programs that they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, field_validator, model_validator

from soundstage.config.values import Duration, Pattern, Table, expand, variables_in
from soundstage.secrets import Secret
from soundstage.servers.server_program import PORT_PLACE, Readiness, ServerProgram

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soundstage.config import Validator


class ReadyTable(Table):
    """How a program is known to be ready: one of these.

    Attributes:
        url: it answers here with a status of 200 to 399; `{port}` is its port.
        log: a regular expression that is found in what it writes.
        port: it takes connections on its port; so it is where nothing is said.
        dials_in: it connects to its port, as agents of `livekit-console` do: Soundstage listens
            there before it starts the program.
    """

    url: str = ""
    log: str = ""
    port: Literal[True] | None = None
    dials_in: Literal[True] | None = None

    @field_validator("log")
    @classmethod
    def _is_a_pattern(cls, log: str) -> str:
        if log:
            Pattern(log)
        return log

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if len(self.model_fields_set) > 1:
            raise ValueError("ready is one thing: url, log, port or dials_in")
        if self.url and not self.url.startswith(("http://", "https://")):
            raise ValueError("url begins with http:// or https://")
        return self


class ServerTable(Table):
    """A program of yours, started for the run and stopped after it.

    Attributes:
        command: the program and its arguments, with no shell. `{port}` is its port, and
            `{python}` the interpreter that Soundstage runs on; `python` is the one on PATH.
        cwd: where it is started; the folder of this file where nothing is said.
        env: variables beside those of this process, which also get `PORT` and `SOUNDSTAGE=1`;
            `${NAME}` is a variable of this process.
        port: the port that it listens on; any that is free where nothing is said.
        ready: how it is known to be ready; by its port where nothing is said.
        timeout: how long it may take to become ready; that is no part of the run.
        stop: how long it may take to end when it gets SIGTERM, before it is killed.
        per: whether each run starts its own, or all runs of a batch share one.
        reuse: whether one that listens on the port already is used, and left running.
    """

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    cwd: str = ""
    env: dict[str, Secret] = Field(default_factory=dict)
    port: Annotated[StrictInt, Field(ge=0, le=65_535)] = 0
    ready: ReadyTable = ReadyTable()
    timeout: Annotated[Duration, Field(gt=0)] = Duration("60s")
    stop: Duration = Duration("10s")
    per: Literal["run", "batch"] = "run"
    reuse: StrictBool = False

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.reuse and not self.port:
            raise ValueError("reuse needs port: which program is to be looked for")
        if self.ready.dials_in and (self.reuse or self.per == "batch"):
            raise ValueError("a program that dials in takes one call: without reuse or per")
        if not all(self.command[:1]):
            raise ValueError("command begins with the program")
        if self.ready.log and self.reuse:
            raise ValueError("what runs already writes no log here: ready = { url = … } or port")
        return self


def declared_servers(
    validator: Validator, environment: Mapping[str, str]
) -> dict[str, ServerProgram]:
    """The programs of a document; what is wrong with them is noted.

    Args:
        validator: of the document.
        environment: where `${NAME}` is looked up.
    """
    found: dict[str, ServerProgram] = {}
    for name in validator.named_tables("servers"):
        table = validator.table(ServerTable, ("servers", name))
        if table is None:
            continue
        env = _env(name, table, validator, environment)
        place = validator.document.place_of(("servers", name, "cwd"))
        folder = (place.folder / table.cwd).absolute()
        if not _is_folder(folder):
            validator.diagnostics.add(place, f"there is no folder {table.cwd}")
        found[name] = ServerProgram(
            name=name,
            command=table.command,
            folder=folder,
            env=env,
            port=table.port,
            ready=Readiness(
                url=table.ready.url,
                log=table.ready.log,
                dials_in=table.ready.dials_in is not None,
            ),
            timeout=table.timeout.seconds,
            stop=table.stop.seconds,
            reuse=table.reuse,
            is_of_batch=table.per == "batch",
        )
        _warn_of_port(name, table, validator)
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # A name that is too long for the file system names none.
        return False


def _env(
    name: str, table: ServerTable, validator: Validator, environment: Mapping[str, str]
) -> dict[str, Secret]:
    texts = {key: value.reveal() for key, value in table.env.items()}
    wanted = [variable for text in texts.values() for variable in variables_in(text)]
    unset = [variable for variable in wanted if not environment.get(variable, "").strip()]
    for variable in unset:
        validator.diagnostics.unset.append(
            f"{validator.document.place_of(('servers', name))}: the server {name} needs the "
            f"environment variable {variable}, which is not set"
        )
    if unset:
        return {}
    return {key: Secret(expand(text, environment)) for key, text in texts.items()}


def _warn_of_port(name: str, table: ServerTable, validator: Validator) -> None:
    """Warn of a program that is not told its port, though it may get one that it knows not."""
    said = [*table.command, *(value.reveal() for value in table.env.values())]
    if not table.port and not any(PORT_PLACE in text for text in said) and not table.ready.log:
        place = validator.document.place_of(("servers", name, "command"))
        reason = (
            "has no {port}: the program must read the variable PORT, or the table say which port "
            "it listens on"
        )
        validator.diagnostics.warn(place, reason)
