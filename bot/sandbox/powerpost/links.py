"""Signed links to stored pictures: an expiry and an HMAC in the query.

Source: "Generated image URLs are signed and valid for 7 days."
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from urllib.parse import urlencode

LINK_SECONDS = 7 * 24 * 3600


class LinkSigner:
    """Makes and checks links with a secret."""

    def __init__(self, secret: bytes | None = None) -> None:
        """With a new `secret` where it is not given."""
        self.secret = secret or secrets.token_bytes(32)

    def sign(self, base_url: str, name: str, expires_at: float) -> str:
        """The address of the file `name`, valid until `expires_at` (Unix seconds)."""
        expires = str(math.floor(expires_at))
        query = urlencode({"expires": expires, "signature": self._signature(name, expires)})
        return f"{base_url}/storage/images/{name}?{query}"

    def is_valid(self, name: str, expires: str, signature: str, now: float) -> bool:
        expected = self._signature(name, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            return False
        return now < int(expires)  # signed, so it is a number of ours

    def _signature(self, name: str, expires: str) -> str:
        text = f"{name}\n{expires}".encode("utf-8", "replace")
        return hmac.new(self.secret, text, hashlib.sha256).hexdigest()
