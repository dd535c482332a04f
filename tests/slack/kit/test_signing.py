"""Content credentials: signed where there is a certificate, and never in a picture's way."""

from __future__ import annotations

import io
import json
import socket
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.images.catalogue import Model
from bot.images.marks import GENERATED, Mark, is_marked, write_xmp
from bot.slack.kit.pictures import PictureConverter, SlackPicture, convert_picture
from bot.slack.kit.signing import ContentSigner, SigningUnusableError

XMP = write_xmp(Mark(datetime(2026, 11, 27, tzinfo=UTC), Model.FLUX2_FLEX))
HAS_EXTRA = find_spec("c2pa") is not None
needs_extra = pytest.mark.skipif(not HAS_EXTRA, reason="without the extra c2pa (53 MB)")


def draw(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(out, kind)
    return out.getvalue()


def write_chain(directory: Path) -> tuple[Path, Path]:
    """A certificate of an authority of our own, and its key."""
    x509: Any = import_module("cryptography.x509")  # comes with the extra
    hashes: Any = import_module("cryptography.hazmat.primitives.hashes")
    serialization: Any = import_module("cryptography.hazmat.primitives.serialization")
    ec: Any = import_module("cryptography.hazmat.primitives.asymmetric.ec")
    oid: Any = import_module("cryptography.x509.oid")

    def name(text: str) -> Any:
        kinds = (oid.NameOID.ORGANIZATION_NAME, oid.NameOID.COMMON_NAME)
        return x509.Name([x509.NameAttribute(kind, text) for kind in kinds])

    def begin(subject: str, key: Any, *, is_authority: bool) -> Any:
        usage = [not is_authority, *[False] * 4, is_authority, is_authority, False, False]
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=9))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(x509.KeyUsage(*usage), critical=True)
        )

    root, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = begin("authority", root, is_authority=True).sign(root, hashes.SHA256())
    leaf = begin("operator", own, is_authority=False)
    leaf = leaf.add_extension(
        x509.ExtendedKeyUsage([oid.ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
    ).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False
    )
    chain, key = directory / "chain.pem", directory / "key.pem"
    pem = serialization.Encoding.PEM
    signed = leaf.sign(root, hashes.SHA256())
    chain.write_bytes(signed.public_bytes(pem) + authority.public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key.write_bytes(own.private_bytes(pem, *plain))
    return chain, key


def read(mime: str, content: bytes) -> dict[str, Any]:
    """The newest manifest of a file, whose signature is good."""
    import c2pa  # type: ignore[import-not-found,unused-ignore]  # an extra

    with c2pa.Reader(mime, io.BytesIO(content)) as reader:
        store = json.loads(reader.json())
    problems = [each["code"] for each in store.get("validation_status", [])]
    assert problems == ["signingCredential.untrusted"]  # no one knows our authority
    return dict(store["manifests"][store["active_manifest"]])


def actions_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    (actions,) = [a for a in manifest["assertions"] if a["label"].startswith("c2pa.actions")]
    return list(actions["data"]["actions"])


@needs_extra
async def test_a_picture_without_credentials_says_that_a_model_made_it(tmp_path: Path) -> None:
    converter = PictureConverter(ContentSigner(*write_chain(tmp_path), "es256").sign)
    converted = await converter.convert(draw("WEBP"), XMP)
    converter.close()

    (action,) = actions_of(read("image/jpeg", converted.content))
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", GENERATED)
    assert is_marked(converted.content)  # the XMP is still there
    assert Image.open(io.BytesIO(converted.content)).size == (32, 32)


@needs_extra
async def test_credentials_that_it_came_with_are_carried_over_as_its_parents(
    tmp_path: Path,
) -> None:
    signer = ContentSigner(*write_chain(tmp_path), "es256")
    converter = PictureConverter(signer.sign)
    upstream = (await converter.convert(draw("WEBP"), XMP)).content  # signed, as a model's may be
    converted = await converter.convert(upstream, XMP)
    converter.close()

    manifest = read("image/jpeg", converted.content)
    (parent,) = manifest["ingredients"]
    assert parent["relationship"] == "parentOf"
    assert parent["active_manifest"] == read("image/jpeg", upstream)["label"]
    assert [each["action"] for each in actions_of(manifest)] == ["c2pa.opened", "c2pa.transcoded"]


@needs_extra
def test_what_cannot_be_signed_arrives_unsigned(tmp_path: Path) -> None:
    signer = ContentSigner(*write_chain(tmp_path), "es256")
    broken = SlackPicture(b"half of a picture", "jpg", 1, 1)

    assert signer.sign(broken, draw("WEBP")) == broken


@needs_extra
def test_no_address_that_a_file_names_is_asked(tmp_path: Path) -> None:
    import c2pa  # type: ignore[import-not-found,unused-ignore]  # an extra

    chain, key = write_chain(tmp_path)
    signer = ContentSigner(chain, key, "es256")
    own = c2pa.C2paSignerInfo(b"es256", chain.read_bytes(), key.read_bytes(), None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        made = {"action": "c2pa.created", "digitalSourceType": GENERATED}
        said = {"label": "c2pa.actions.v2", "data": {"actions": [made]}}
        elsewhere = c2pa.Builder(json.dumps({"assertions": [said]}))
        elsewhere.set_no_embed()
        elsewhere.set_remote_url(f"http://127.0.0.1:{server.getsockname()[1]}/manifest.c2pa")
        upstream = io.BytesIO()
        elsewhere.sign(c2pa.Signer.from_info(own), "image/jpeg", io.BytesIO(draw("JPEG")), upstream)
        assert b"/manifest.c2pa" in upstream.getvalue()

        signed = signer.sign(convert_picture(upstream.getvalue(), xmp=XMP), upstream.getvalue())
        with pytest.raises(BlockingIOError):
            server.accept()

    assert actions_of(read("image/jpeg", signed.content))[0]["action"] == "c2pa.created"


@needs_extra
def test_a_certificate_that_is_none_is_told_at_the_start(tmp_path: Path) -> None:
    chain, key = write_chain(tmp_path)
    with pytest.raises(SigningUnusableError, match="cannot be read"):
        ContentSigner(tmp_path / "none.pem", key, "es256")
    key.write_text("no key")
    with pytest.raises(SigningUnusableError, match="do not go together") as raised:
        ContentSigner(chain, key, "es256")
    assert "no key" not in str(raised.value)


@pytest.mark.skipif(HAS_EXTRA, reason="with the extra c2pa")
def test_without_the_extra_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(SigningUnusableError, match="pip install"):
        ContentSigner(tmp_path / "a.pem", tmp_path / "b.pem", "es256")
