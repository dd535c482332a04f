"""Slack's ids that we choose, each once; `manifest.yml` is held against them by a test."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class CommandName(StrEnum):
    """Slash commands, as in manifest.yml."""

    IMAGINE = "/imagine"


class ShortcutId(StrEnum):
    """The `callback_id`s of shortcuts, as in manifest.yml."""

    CREATE_IMAGE = "create_image"
    IMAGE_OF_MESSAGE = "image_of_message"


class ViewId(StrEnum):
    """The `callback_id`s of modals."""

    IMAGE_FORM = "image_form"
    PICK_PICTURE = "pick_picture"
    SHARE_PICTURE = "share_picture"
    DELETE_RESULT = "delete_result"
    NOTICE = "notice"


class Field(StrEnum):
    """The fields of the form: each is its input's `action_id`, and how its `block_id` begins.

    A value survives a redraw while both ids stay. A field that must be reset when another one
    changes has that one's value in its `block_id` (`size:ideogram-3`).
    """

    PROMPT = "prompt"
    MODEL = "model"
    SIZE = "size"
    QUANTITY = "quantity"
    ENHANCE = "enhance"
    CAPTION = "caption"
    SOURCE = "source_post_type"
    DESTINATION = "destination"
    CHANNEL = "channel"
    KEPT = "kept"
    FILES = "files"


class ActionId(StrEnum):
    """The `action_id`s of buttons."""

    START_AFRESH = "start_afresh"
    CANCEL = "cancel"
    REGENERATE = "regenerate"
    EDIT = "edit_generation"
    MAKE_MISSING = "make_missing"
    RESULT_MENU = "result_menu"
    FEEDBACK = "feedback"
    OLDER_HISTORY = "older_history"


class MenuChoice(StrEnum):
    """What the menu under a result offers; an option's value is `choice:generation_id`."""

    MORE_LIKE = "more_like"
    SHARE = "share"
    DELETE = "delete"


class Opinion(StrEnum):
    """Feedback; a button's value is `opinion:generation_id`."""

    GOOD = "good"
    BAD = "bad"


class PickField(StrEnum):
    """The fields of the small modals."""

    PICTURE = "picture"
    CHANNEL = "share_channel"


class BlockId(StrEnum):
    """The blocks of our messages."""

    WHO = "who"
    PROMPT = "prompt"
    STATUS = "status"
    CREDITS = "credits"
    ACTIONS = "actions"
    FEEDBACK = "feedback"
    LINEAGE = "lineage"
    UNDERSTOOD = "understood"


# The type of the metadata on our messages; its payload is {"generation": id, "kind": …}.
METADATA_EVENT: Final = "imagine_generation"


class MessageKind(StrEnum):
    """Which of a generation's two messages one is."""

    ROOT = "root"
    RESULT = "result"
