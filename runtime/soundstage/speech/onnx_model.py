"""ONNX models, run on one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import onnxruntime  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # it has none

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_ERRORS_ONLY = 3


class Session(Protocol):
    """A loaded model; may be run from several threads at once."""

    def run(
        self, outputs: Sequence[str] | None, inputs: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """The outputs of these names, all of them if None."""
        ...


def open_session(model: bytes | Path) -> Session:
    """Load a model so that equal inputs give equal outputs: more threads change the sums."""
    options = cast("Any", onnxruntime).SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    source = model if isinstance(model, bytes) else str(model)
    session = cast("Any", onnxruntime).InferenceSession(
        source, options, providers=["CPUExecutionProvider"]
    )
    return cast("Session", session)
