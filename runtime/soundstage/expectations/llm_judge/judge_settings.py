"""The `[judge]` table: which language model is asked, and what is known of its judgement."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from soundstage.config.values import folder_of, is_table, path_of
from soundstage.endpoint import ChatSettings
from soundstage.errors import UsageError
from soundstage.expectations.llm_judge.calibration import Calibration, read_calibration


class JudgeSettings(ChatSettings):
    """The language model that judges what `judge` of `[[expect]]` says.

    Attributes:
        url: of an OpenAI-compatible service, with or without `/chat/completions` at its end.
        model: the model's name, as the service knows it.
        api_key: its key, `${NAME}` not yet replaced; None where it asks for none.
        temperature: 0 to 2; 0 where nothing is said, because a judge should not vary.
        timeout: how long an answer may take as a whole.
        gguf: a model file, run in this process; needs the extra `gguf`.
        calibration: files that `soundstage calibrate --out` wrote for this judge.
    """

    temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.0
    calibration: tuple[Path, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _find_the_calibrations(cls, value: object) -> object:
        if not is_table(value) or not isinstance(names := value.get("calibration"), list | tuple):
            return value
        folder = folder_of(value, "calibration")
        found = [folder / path_of(each) if isinstance(each, str) else each for each in names]
        return {**value, "calibration": found}

    @model_validator(mode="after")
    def _is_a_judge(self) -> Self:
        if self.latency is not None or self.sees:
            raise ValueError("latency and sees are for the chat of an agent: a judge reads a text")
        for path in self.calibration:
            try:
                read_calibration(path)
            except UsageError as error:
                raise ValueError(f"{error}; soundstage calibrate FILE --out writes it") from None
        return self

    def worth_of(self, statement: str) -> Calibration | None:
        """What is known of its judgement of a statement; None where it was not calibrated."""
        found = (read_calibration(path) for path in self.calibration)
        return next((each for each in found if each.is_of(statement, self.shown_model)), None)
