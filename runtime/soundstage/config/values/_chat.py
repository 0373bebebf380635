"""A language model that answers in the local endpoint."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from soundstage.config.values._quantities import Duration
from soundstage.config.values._reading import reading_of
from soundstage.config.values._secrets import Secret, variables_in
from soundstage.config.values._table import Table, is_table

COMPLETIONS = "/chat/completions"


class ChatSettings(Table):
    """A `chat` table: a server, or a model file.

    Exactly one of `url` and `gguf` is set.

    Attributes:
        url: of an OpenAI-compatible service, with or without `/chat/completions` at its end.
        model: the model's name, as the service knows it.
        api_key: its key, `${NAME}` not yet replaced; None where it asks for none.
        temperature: 0 to 2; the service's own where it is None.
        timeout: how long an answer may take as a whole.
        gguf: a model file, run in this process; needs the extra `gguf`.
    """

    url: str | None = None
    model: str = ""
    api_key: Secret | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    timeout: Duration = Duration("30s")
    gguf: Path | None = None

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// or http://")
        return url

    @model_validator(mode="before")
    @classmethod
    def _find_the_file(cls, value: object, info: ValidationInfo) -> object:
        if is_table(value) and isinstance(name := value.get("gguf"), str):
            folder = reading_of(info.context).folder_of(value)
            return {**value, "gguf": folder / Path(name).expanduser()}
        return value

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.url is None) == (self.gguf is None):
            raise ValueError("chat needs exactly one of url, of a service, and gguf, a model file")
        if self.url is not None and not self.model:
            raise ValueError("url needs model: the name that the service knows it by")
        if self.gguf is not None and (self.model or self.api_key):
            raise ValueError("model and api_key go with url")
        if self.gguf is not None and not self.gguf.is_file():
            raise ValueError(f"{self.gguf} is no file")
        return self

    @property
    def address(self) -> str:
        """Where answers are asked for."""
        url = (self.url or "").rstrip("/")
        return url if url.endswith(COMPLETIONS) else url + COMPLETIONS

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that its key is made of."""
        return variables_in(self.api_key.get_secret_value()) if self.api_key else ()
