"""Content credentials (C2PA) in delivered files, signed with the operator's certificate.

Only with the extra `c2pa`, which is loaded if a certificate is set, and not before. A manifest that
the model's file came with is carried over as that of its parent; nothing is fetched from what such
a file names. https://spec.c2pa.org/specifications/specifications/2.2/specs/C2PA_Specification.html
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import structlog

from bot.images.marks import GENERATED
from bot.slack.kit.pictures import SlackPicture

_MIME: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
# By how a file begins (https://en.wikipedia.org/wiki/List_of_file_signatures).
_BEGINNINGS: Final = ((b"RIFF", "webp"), (b"\x89PNG", "png"), (b"\xff\xd8", "jpg"))
_PARENT: Final = "parent"
# No address that an untrusted file names is asked, and no small picture goes along.
_SETTINGS: Final = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}

log = structlog.get_logger()


class SigningUnusableError(Exception):
    """Nothing can be signed with what is set; the text says why, and names no secret."""


class ContentSigner:
    """Signs pictures. One for the process; it is called in the converter's threads."""

    def __init__(self, certificate: Path, key: Path, algorithm: str) -> None:
        """`certificate` is a chain and `key` its private key, both PEM. Raises
        SigningUnusableError."""
        try:
            import c2pa  # type: ignore[import-not-found,unused-ignore]  # an extra
        except ImportError as error:
            raise SigningUnusableError(
                "IMAGINE_SIGNING_CERTIFICATE is set, which needs: pip install "
                "'imagine-for-slack[c2pa]'."
            ) from error
        self._c2pa: Any = c2pa
        try:
            self._certificate, self._key = certificate.read_bytes(), key.read_bytes()
        except OSError as error:
            raise SigningUnusableError(
                "IMAGINE_SIGNING_CERTIFICATE or IMAGINE_SIGNING_KEY cannot be read "
                f"({type(error).__name__})."
            ) from error
        self._algorithm = algorithm.encode()
        try:
            self._make_signer()
        except c2pa.C2paError as error:
            raise SigningUnusableError(
                "IMAGINE_SIGNING_CERTIFICATE and IMAGINE_SIGNING_KEY (PEM) do not go together with "
                f"IMAGINE_SIGNING_ALGORITHM={algorithm}."
            ) from error

    def sign(self, picture: SlackPicture, original: bytes) -> SlackPicture:
        """`picture`, which was made of `original`, with its manifest. As it was if it cannot be
        signed, which is logged: what was paid for arrives."""
        try:
            return replace(picture, content=self._sign(picture, original))
        except Exception as error:  # noqa: BLE001 - a native library reads what a model made
            log.error("picture.not_signed", error=type(error).__name__)
            return picture

    def _make_signer(self) -> Any:
        return self._c2pa.Signer.from_info(
            self._c2pa.C2paSignerInfo(self._algorithm, self._certificate, self._key, None)
        )

    def _sign(self, picture: SlackPicture, original: bytes) -> bytes:
        parent = _find_mime(original)
        has_parent = parent is not None and self._has_manifest(parent, original)
        signed = io.BytesIO()
        with (
            self._open_context() as context,
            self._make_signer() as signer,
            self._c2pa.Builder(_describe(has_parent), context) as builder,
        ):
            if has_parent:
                ingredient = {"title": "As the model made it", "relationship": "parentOf"}
                named = {"instance_id": _PARENT, "label": _PARENT}
                builder.add_ingredient(ingredient | named, parent, io.BytesIO(original))
            mime = _MIME[picture.extension]
            builder.sign(signer, mime, io.BytesIO(picture.content), signed)
        return signed.getvalue()

    def _open_context(self) -> Any:
        with self._c2pa.Settings.from_dict(_SETTINGS) as settings:
            return self._c2pa.Context(settings)

    def _has_manifest(self, mime: str, content: bytes) -> bool:
        try:
            with (
                self._open_context() as context,
                self._c2pa.Reader(mime, io.BytesIO(content), context=context),
            ):
                return True
        except self._c2pa.C2paError:
            return False


def _describe(has_parent: bool) -> str:
    """The manifest: made by a model; or opened, if its file says that already, and converted."""
    made = [{"action": "c2pa.created", "digitalSourceType": GENERATED}]
    opened = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": [_PARENT]}},
        {"action": "c2pa.transcoded"},
    ]
    actions = {"actions": opened if has_parent else made}
    return json.dumps(
        {
            "claim_generator_info": [{"name": "Imagine"}],
            "assertions": [{"label": "c2pa.actions.v2", "data": actions}],
        }
    )


def _find_mime(content: bytes) -> str | None:
    kinds = (kind for begins, kind in _BEGINNINGS if content.startswith(begins))
    return next((_MIME[kind] for kind in kinds), None)
