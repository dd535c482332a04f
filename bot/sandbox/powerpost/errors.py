"""The errors that PowerPost answers with: HTTP status, code and the body's one shape.

Source: PowerPost's page on errors. Every body is {"error": {"message", "code"}}, and with 429
also "retryAfter" in seconds.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal, as it goes over the wire."""

    def __init__(
        self, status: int, code: str, message: str, *, retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.retry_after_seconds is not None:
            error["retryAfter"] = self.retry_after_seconds
        return {"error": error}


def invalid(message: str) -> ApiError:
    return ApiError(400, "VALIDATION_ERROR", message)


def invalid_key() -> ApiError:
    return ApiError(401, "INVALID_API_KEY", "Invalid or missing API key")


def insufficient_credits(needed: int, balance: int) -> ApiError:
    message = f"Insufficient credits: {needed} needed, {balance} available"
    return ApiError(402, "INSUFFICIENT_CREDITS", message)


def forbidden(message: str = "You do not have access to this workspace") -> ApiError:
    return ApiError(403, "FORBIDDEN", message)


def insufficient_scope(scope: str) -> ApiError:
    return ApiError(403, "INSUFFICIENT_SCOPE", f"API key lacks the required scope: {scope}")


def not_found(what: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", f"{what} not found")


def file_too_large(limit_bytes: int) -> ApiError:
    message = f"File too large: the limit is {limit_bytes // (1024 * 1024)} MB"
    return ApiError(413, "FILE_TOO_LARGE", message)


def rate_limited(retry_after_seconds: int) -> ApiError:
    return ApiError(
        429,
        "RATE_LIMIT_EXCEEDED",
        f"Rate limit exceeded. Try again in {retry_after_seconds} s",
        retry_after_seconds=retry_after_seconds,
    )


def internal_error() -> ApiError:
    return ApiError(500, "INTERNAL_ERROR", "Something went wrong. Please try again later")
