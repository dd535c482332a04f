"""Reading requests that may be anything: bodies are bounded, and what is malformed is a 400."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from bot.sandbox.powerpost.errors import file_too_large, invalid
from bot.sandbox.powerpost.media import MAX_IMAGE_BYTES, MAX_VIDEO_BYTES, Upload
from bot.sandbox.serving import Message

_MAX_JSON_BYTES = 1024 * 1024
_MAX_FORM_BYTES = MAX_VIDEO_BYTES + 1024 * 1024


async def read_json(request: Request) -> object:
    """The decoded body. Raises ApiError 400."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_JSON_BYTES:
            raise invalid("Request body is too large")
    try:
        return json.loads(bytes(body), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise invalid("Request body must be valid JSON") from error


def _refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(name)


async def read_upload(request: Request) -> Upload:
    """The multipart form of POST /media/upload. Raises ApiError 400 or 413."""
    bounded = Request(request.scope, _BoundedReceive(request).receive)
    try:
        form = await bounded.form(max_files=1, max_fields=10)
    except (MultiPartException, HTTPException) as error:
        raise invalid("Request body must be multipart/form-data") from error
    file, kind = form.get("file"), form.get("type")
    if not isinstance(file, UploadFile):
        raise invalid("file is required")
    content = await file.read()
    await form.close()
    return Upload(
        type=kind if isinstance(kind, str) else "",
        file_name=file.filename or "file",
        content=content,
    )


class _BoundedReceive:
    """A request's stream that ends with 413 when it becomes too long."""

    def __init__(self, request: Request) -> None:
        self._receive = request.receive
        self._bytes = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > _MAX_FORM_BYTES:
            raise file_too_large(MAX_IMAGE_BYTES)
        return message


def hide_secrets(request: Request) -> dict[str, str]:
    """The request's headers, lower-case, with the values that must not be shown replaced."""
    secret = ("x-api-key", "authorization", "cookie")
    return {
        name: "(hidden)" if name in secret else value for name, value in request.headers.items()
    }


def read_query(request: Request) -> dict[str, str]:
    """Query parameters; of one that is given twice, the last."""
    return dict(request.query_params.items())


def describe_upload(upload: Upload) -> dict[str, Any]:
    """What of an upload is worth showing in the log of exchanges."""
    return {"type": upload.type, "file": upload.file_name, "bytes": len(upload.content)}
