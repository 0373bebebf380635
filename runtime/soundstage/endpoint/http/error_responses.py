"""Every error of the application as the OpenAI API would answer it."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from soundstage.endpoint.api_error import ApiError


def error_response(error: ApiError) -> JSONResponse:
    """The HTTP answer that tells an error."""
    return JSONResponse(error.body, error.status)


def answer_errors(app: FastAPI) -> None:
    """Let the application answer every error in this shape."""

    @app.exception_handler(ApiError)
    async def refuse(_: Request, error: ApiError) -> JSONResponse:
        return error_response(error)

    @app.exception_handler(HTTPException)
    async def refuse_request(request: Request, error: HTTPException) -> JSONResponse:
        what = "Invalid URL" if error.status_code == HTTPStatus.NOT_FOUND else str(error.detail)
        message = f"{what} ({request.method} {request.url.path})"
        return error_response(ApiError(error.status_code, None, message))

    @app.exception_handler(RequestValidationError)
    async def refuse_value(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        _, *path = first["loc"]
        param = ".".join(map(str, path)) or None
        code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
        if first["type"] == "json_invalid":
            code, param = "invalid_json", None
        return error_response(ApiError(400, code, f"{first['msg']}.", param))

    @app.exception_handler(Exception)
    async def fail(_: Request, __: Exception) -> JSONResponse:
        message = "The endpoint has failed; see its log."
        return error_response(ApiError(500, "server_error", message))
