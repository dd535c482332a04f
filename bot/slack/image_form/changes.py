"""What was changed of a version in the form: what lists call the new one by. Pure."""

from __future__ import annotations

import hashlib

from bot.images.catalogue import MODELS
from bot.images.chain import Chain
from bot.images.variants import unescape
from bot.slack.image_form.values import FormContext, FormStart, FormValues
from bot.slack.kit.text import joined, picture_count, shorten
from bot.slack.kit.understood_texts import ONCE_MORE


def start_of(values: FormValues) -> FormStart:
    """What the form was filled with."""
    return FormStart(
        words=_digest_words(values),
        references=_digest_references(values),
        model=values.model,
        size=values.size,
        quantity=values.quantity,
        enhance_prompt=values.enhance_prompt,
    )


def chain_of(context: FormContext, values: FormValues) -> Chain:
    """How the prompt of the form that was sent came to be."""
    first = unescape(values.prompt.strip())
    lines = tuple(each for each in (first, *values.lines) if each)
    start = context.start
    if start is None or context.parent_id is None:
        return Chain(lines=lines)
    # As with "x3" in a reply: another number holds for this version.
    return Chain(
        lines=lines, changed=_describe(context, start, values), usual_quantity=start.quantity
    )


def _describe(context: FormContext, start: FormStart, values: FormValues) -> str:
    """Empty for other words, which say it themselves."""
    if _digest_words(values) != start.words:
        return ""
    struck = [line for line in context.lines if line not in values.lines]
    said = []
    if struck:
        said.append("without " + joined(f"“{shorten(line, 60)}”" for line in struck))
    if values.model is not start.model:
        said.append(f"model {MODELS[values.model].name}")
    if values.size is not start.size:
        said.append(f"size {values.size}")
    if values.quantity != start.quantity:
        said.append(picture_count(values.quantity))
    if values.enhance_prompt is not start.enhance_prompt:
        said.append("prompt improved by AI" if values.enhance_prompt else "prompt as it is")
    if _digest_references(values) != start.references:
        said.append("other reference pictures")
    return " · ".join(said) or ONCE_MORE


def _digest_words(values: FormValues) -> str:
    return _digest(values.prompt.strip(), values.caption_id, values.source_post_type)


def _digest_references(values: FormValues) -> str:
    return _digest(*sorted(each.file_id or each.key for each in values.references))


def _digest(*parts: str | None) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:12]
