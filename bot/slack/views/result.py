"""The message in the thread: the pictures with their cost, or what went wrong."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, ImageBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject, SlackFile

from bot.generations.money import Usage
from bot.generations.record import Generation, Picture, PictureState
from bot.slack import words
from bot.slack.ids import BlockId
from bot.slack.views.message import Message, mrkdwn_context, mrkdwn_section, plain_context


def show_result(generation: Generation, usage: Usage) -> Message:
    """ONE message: an image block per picture, and a line with the credits."""
    intro = f"<@{generation.place.user_id}> {words.result_intro(generation)}"
    blocks: list[Block] = [mrkdwn_section(intro, BlockId.WHO)]
    blocks += [_picture_block(generation, picture) for picture in generation.pictures]
    if said := words.upstream_mrkdwn(generation):
        blocks.append(mrkdwn_section(said))
    blocks.append(
        mrkdwn_context(
            f":coin: {words.usage_text(usage)}",
            words.made_by(generation),
            block_id=BlockId.CREDITS,
        )
    )
    if generation.request_id and words.upstream_mrkdwn(generation):
        blocks.append(plain_context(words.support_text(generation.request_id)))
    return Message(words.result_text(generation, usage), blocks)


def show_failure(generation: Generation, usage: Usage, *, is_private: bool = False) -> Message:
    """What went wrong, what it cost, what to do; small, the id that support asks for."""
    said = words.escape(words.failure_text(generation, usage))
    text = said if is_private else f"<@{generation.place.user_id}> {said}"
    blocks: list[Block] = [mrkdwn_section(text, BlockId.WHO)]
    if is_private:
        blocks.append(plain_context(f"You asked for: {_typed(generation)}"))
    if generation.request_id:
        support = words.support_text(generation.request_id)
        blocks.append(plain_context(support))
        text = f"{text} {words.escape(support)}"
    return Message(text, blocks)


def _typed(generation: Generation) -> str:
    request = generation.request
    prompt = words.shorten(words.prompt_of(generation), 1900)
    return f"{prompt} ({words.options(request)}, {words.picture_count(request.quantity)})"


def _picture_block(generation: Generation, picture: Picture) -> Block:
    if picture.state is not PictureState.UPLOADED or picture.slack_file_id is None:
        return mrkdwn_section(words.linked_picture_mrkdwn(generation, picture.position))
    wanted = generation.request.dimensions
    pixels = f"{picture.width or wanted.width}×{picture.height or wanted.height}"
    return ImageBlock(
        slack_file=SlackFile(id=picture.slack_file_id),
        alt_text=words.picture_alt(generation, picture.position),
        title=PlainTextObject(
            text=words.picture_title(generation, picture.position, pixels), emoji=False
        ),
    )
