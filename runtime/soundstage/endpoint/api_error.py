"""An error of a request in the shape that the OpenAI API gives it."""

from typing import Any, Final

_SERVER_ERRORS: Final = 500


class ApiError(Exception):
    """A request is refused.

    Args:
        status: the HTTP status.
        code: what exactly is wrong, in the API's own words; None where it has none.
        message: for people.
        param: the field at fault, by its dotted path.
    """

    def __init__(
        self, status: int, code: str | None, message: str, param: str | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.param = param
        super().__init__(message)

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object that the answer holds."""
        kind = "server_error" if self.status >= _SERVER_ERRORS else "invalid_request_error"
        error = {"message": str(self), "type": kind, "param": self.param, "code": self.code}
        return {"error": error}
