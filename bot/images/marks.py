"""What a delivered file says of itself: that it was made by AI, by which model, when. Pure.

IPTC Photo Metadata Standard 2025.1 as XMP: `DigitalSourceType` with the term for generated media
(http://cv.iptc.org/newscodes/digitalsourcetype/), `AISystemUsed` and `AISystemVersionUsed`
(https://iptc.org/std/photometadata/specification/IPTC-PhotoMetadata). That is what the EU's AI Act
(article 50) calls a mark in a machine-readable form, and what platforms ask for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape, unescape

from bot.images.catalogue import MODELS, Model
from bot.images.request import ImageRequest
from bot.images.typed import fold

GENERATED: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
NAME_MAX: Final = 80  # characters of a file's name
_ALT_TEXT: Final = "Iptc4xmpCore:AltTextAccessibility"
_XMP_MAX: Final = 65_536  # bytes: an APP1 segment of a JPEG takes no more
_ELEMENT: Final = re.compile(r"<[\w.-]+:(\w+)[^<>]*>([^<]+)<")
_ATTRIBUTE: Final = re.compile(r"\s[\w.-]+:(\w+)=\"([^\"]*)\"")
_TOOL: Final = "Imagine, through PowerPost"
_NAMESPACES: Final = {
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one picture. `generation_id` and `media_id` are PowerPost's; without a model
    it is several pictures in one. `prompt` only where the operator wants it in the files."""

    made_at: datetime
    model: Model | None = None
    generation_id: str | None = None
    media_id: str | None = None
    prompt: str | None = None
    alt_text: str | None = None  # what somebody has written of it


def write_xmp(mark: Mark) -> str:
    """The XMP packet."""
    lines = "".join(
        f"<{name}>{escape(_printable(value))}</{name}>" for name, value in _list_said(mark)
    )
    if mark.alt_text:
        text = escape(_printable(mark.alt_text))
        alt = f'<rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt>'
        lines += f"<{_ALT_TEXT}>{alt}</{_ALT_TEXT}>"
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {names}>{lines}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def _list_said(mark: Mark) -> list[tuple[str, str]]:
    """Each property with its value."""
    said = {
        "Iptc4xmpExt:DigitalSourceType": GENERATED,
        "Iptc4xmpExt:AISystemUsed": MODELS[mark.model].name if mark.model else None,
        "Iptc4xmpExt:AISystemVersionUsed": mark.model.value if mark.model else None,
        "Iptc4xmpExt:AIPromptInformation": mark.prompt,
        "Iptc4xmpExt:DigImageGUID": mark.media_id,
        "dc:identifier": mark.generation_id,
        "xmp:CreateDate": mark.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "xmp:CreatorTool": _TOOL,
    }
    return [(name, value) for name, value in said.items() if value]


def list_marks(mark: Mark) -> dict[str, str]:
    """What a file with that mark says, by the names without their namespaces."""
    return {name.partition(":")[2]: value for name, value in _list_said(mark)}


def read_marks(content: bytes) -> dict[str, str]:
    """The same of a file as it came back, however its XMP was written anew: as elements or as
    attributes. Of anything else than one of ours it finds what it finds."""
    begin, end = content.find(b"<x:xmpmeta"), content.find(b"</x:xmpmeta>")
    if not 0 <= begin < end <= begin + _XMP_MAX:
        return {}
    packet = content[begin:end].decode("utf-8", "replace")
    found = (*_ATTRIBUTE.findall(packet), *_ELEMENT.findall(packet))
    return {name: unescape(value) for name, value in found}


def is_marked(content: bytes) -> bool:
    """Whether a file says that it was made by AI."""
    return read_marks(content).get("DigitalSourceType") == GENERATED


def _printable(text: str) -> str:
    """`text` without what XML 1.0 has no place for."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def name_file(request: ImageRequest, position: int, extension: str) -> str:
    """`harbour-at-dawn_feed_ideogram-3_2.jpg`: what it shows, in plain letters, and how it was
    made. At most NAME_MAX characters."""
    end = f"_{request.size}_{request.model}_{position}.{extension}"
    words = re.findall(r"[a-z0-9]+", fold(request.prompt or ""))
    shown = ""
    for word in words:
        longer = f"{shown}-{word}" if shown else word
        if len(longer) > NAME_MAX - len(end):
            break
        shown = longer
    return f"{shown or 'picture'}{end}"
