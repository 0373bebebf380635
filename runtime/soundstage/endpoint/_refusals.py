"""HTTP errors in the shape that the OpenAI API gives them."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

_SERVER_ERRORS = 500


class Refusal(Exception):
    """An answer that says no.

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

    def response(self) -> JSONResponse:
        """The answer itself."""
        kind = "server_error" if self.status >= _SERVER_ERRORS else "invalid_request_error"
        error = {"message": str(self), "type": kind, "param": self.param, "code": self.code}
        return JSONResponse({"error": error}, self.status)


def answer_errors(app: FastAPI) -> None:
    """Let the application answer every error in this shape."""

    @app.exception_handler(Refusal)
    async def refuse(_: Request, refusal: Refusal) -> JSONResponse:
        return refusal.response()

    @app.exception_handler(HTTPException)
    async def refuse_request(request: Request, error: HTTPException) -> JSONResponse:
        message = f"Invalid request ({request.method} {request.url.path}): {error.detail}"
        return Refusal(error.status_code, None, message).response()

    @app.exception_handler(RequestValidationError)
    async def refuse_value(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        _, *path = first["loc"]
        param = ".".join(map(str, path)) or None
        code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
        if first["type"] == "json_invalid":
            code, param = "invalid_json", None
        return Refusal(400, code, f"{first['msg']}.", param).response()

    @app.exception_handler(Exception)
    async def fail(_: Request, __: Exception) -> JSONResponse:
        return Refusal(500, "server_error", "The endpoint has failed; see its log.").response()
