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
    ALT_TEXT = "alt_text"
    DOWNLOAD_CAMPAIGN = "download_campaign"
    MORE = "more"  # what else can be done with a result
    NOTICE = "notice"
    SETTINGS_FORM = "settings_sheet"
    BUDGET_FORM = "budget_sheet"
    RULES_FORM = "rules_sheet"
    EXCEPTION_FORM = "exception_sheet"
    PRESET_FORM = "preset_sheet"
    DEFAULTS_FORM = "defaults_sheet"
    REMOVAL_FORM = "removal_sheet"
    ASK_APPROVAL = "ask_approval"
    DENY_APPROVAL = "deny_approval"
    FORGET_ME = "forget_me"
    POST_FORM = "post_form"
    SHOWING_FORM = "showing_form"
    CAMPAIGN_FORM = "campaign_form"
    REPORT_FORM = "report_form"
    LIBRARY_FORM = "library_form"
    WANT_CHANGES = "want_changes"
    CHOOSE_WINNER = "choose_winner"  # of a vote without one leader


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
    PRESET = "preset"
    SHOW = "show"
    SEVERAL = "several"
    ONE_A_LINE = "one_a_line"
    MODELS = "several_models"
    SIZES = "several_sizes"
    USES = "several_uses"
    MISFIT = "several_misfit"
    LIST = "list_file"
    LIST_KEPT = "list_kept"
    LEAVE_OUT = "list_leave_out"
    CAMPAIGN = "campaign"
    LINES = "lines"
    PICTURES = "pictures"


class ActionId(StrEnum):
    """The `action_id`s of buttons."""

    START_AFRESH = "start_afresh"
    CANCEL = "cancel"
    REGENERATE = "regenerate"
    EDIT = "edit_generation"
    MAKE_MISSING = "make_missing"
    SHARE = "share_result"
    RESULT_MENU = "result_menu"
    FEEDBACK = "feedback"
    OLDER_HISTORY = "older_history"
    USE_AGAIN = "use_again"  # in a row of the history
    USE_PROMPT = "use_prompt"  # PowerPost's, in a row of the history
    SHARE_OWN = "share_own"  # in a row of the history
    ASK_APPROVAL = "ask_approval"
    APPROVE = "approve_request"
    DENY = "deny_request"
    MAKE_ASKED = "make_asked"  # what a question offers
    MAKE_OTHER = "make_asked_other"  # what it offers in place of that
    OPEN_ASKED = "open_asked"
    RUN_COMMAND = "run_command"  # one that was misspelt; its value is what to type after /imagine
    LOOK_AGAIN = "look_again"  # what became of an unknown outcome
    RAISE_BUDGET = "raise_budget"  # under an alert; its value is the budget's id
    CANCEL_BRIEF = "cancel_brief"  # what of it waits; these carry the brief's id
    BRIEF_MISSING = "brief_missing"
    BRIEF_AGAIN = "brief_again"
    EDIT_BRIEF = "edit_brief"
    DOWNLOAD = "download_result"
    DOWNLOAD_BRIEF = "download_brief"
    GROUP_AGAIN = "group_again"  # those in one message; these carry the id of one of them
    EDIT_GROUP = "edit_group"
    DOWNLOAD_CAMPAIGN = "choose_campaign_to_download"  # in the Home tab
    MORE_ALT_TEXT = "more_alt_text"
    MORE_CAMPAIGN = "more_download_campaign"
    MORE_PRESET = "more_save_preset"
    SEARCH_LIBRARY = "library_search"  # these carry what is looked for
    OLDER_LIBRARY = "library_older"
    NEWEST_LIBRARY = "library_newest"
    MORE_PROMPT = "more_use_prompt"  # PowerPost's, in "More…"
    START_VOTE = "start_vote"  # Pick, under a brief
    MORE_PICK = "more_pick"  # the same, in "More…"
    VOTE = "vote"  # on a button `vote:key`; its value, and those of the next two, `key:round:id`
    WANT_CHANGES = "want_changes"
    CLOSE_VOTE = "close_vote"
    PICK_PART = "pick_part"  # an option's value is a generation's id
    USE_IN_POST = "use_in_post"
    CHECK_POST = "check_post"  # how a draft stands; these carry the draft's id
    POST_AGAIN = "post_again"
    REPORT = "report"  # in older Home tabs its value is `user:2026-11`


class MenuChoice(StrEnum):
    """What the menu under a result offers; an option's value is `choice:generation_id`."""

    MORE_LIKE = "more_like"
    USE_PROMPT = "use_prompt"  # PowerPost's; in older messages
    SHARE = "share"
    ORIGINAL = "original"  # the files as they were made, and a ZIP
    MORE = "more"  # what the menu has no room for: a modal
    DELETE = "delete"


class Opinion(StrEnum):
    """Feedback; a button's value is `opinion:generation_id`."""

    GOOD = "good"
    BAD = "bad"


class PickField(StrEnum):
    """The fields of the small modals."""

    PICTURE = "picture"
    PICTURES = "share_pictures"
    STRENGTH = "strength"
    CHANNEL = "share_channel"
    NOTE = "share_note"


class DownloadField(StrEnum):
    """The field of the modal in which a campaign is chosen: its block and its element."""

    CAMPAIGN = "downloaded_campaign"


class PostField(StrEnum):
    """The fields of "Use in post": each is its block, and all but `captions` its element."""

    PICTURE = "post_picture"  # and the place that it has, as `post_picture_1`
    TYPES = "post_types"
    SOURCE = "post_source"
    TEXT = "post_text"
    CAPTIONS = "post_captions"
    TITLE = "post_title"
    DAY = "post_day"
    TIME = "post_time"


class Strength(StrEnum):
    """How close more of a picture shall be to it."""

    OPEN = "open"  # not said
    CLOSE = "close"
    LOOSELY = "loosely"


class ApprovalField(StrEnum):
    """The field of the modal that denies a request: its block and its element."""

    REASON = "reason"


class VoteField(StrEnum):
    """The fields of a vote's modals: each is its block and its element."""

    CHANGES = "wanted_changes"
    WINNERS = "winners"


class ReportField(StrEnum):
    """The fields of the form of a report: each is its block and its element."""

    BY = "report_by"
    MONTH = "report_month"


class LibraryField(StrEnum):
    """The fields of a search: each is its block and its element."""

    WORDS = "library_words"
    PERSON = "library_person"
    CHANNEL = "library_channel"
    CAMPAIGN = "library_campaign"
    MODEL = "library_model"
    SIZE = "library_size"
    RATING = "library_rating"
    SINCE = "library_since"
    UNTIL = "library_until"


class BlockId(StrEnum):
    """The blocks of our messages."""

    LIBRARY = "library:"  # with the id of the generation whose buttons these are
    SEARCH = "library_head"
    PAGES = "library_pages"

    WHO = "who"
    PROMPT = "prompt"
    STATUS = "status"
    CREDITS = "credits"
    ACTIONS = "actions"
    FEEDBACK = "feedback"
    LINEAGE = "lineage"
    UNDERSTOOD = "understood"
    BASE = "base"
    HINT = "hint"
    BUDGETS = "budgets"
    DECISION = "decision"


# The type of the metadata on our messages; its payload is {"generation": id, "kind": …}, and the
# ids of what it began with in Slack ("origin") and of what was paid for ("image_generation_id").
METADATA_EVENT: Final = "imagine_generation"


class MessageKind(StrEnum):
    """Which of a generation's messages one is."""

    ROOT = "root"
    RESULT = "result"
    # That nobody knows the outcome. Not the last word: an answer that comes late makes a result
    # possible after all, and that must not take this for itself.
    UNKNOWN = "unknown"
    LATE = "late"  # pictures that were linked at first
    SUMMARY = "summary"  # what a brief came to
    SHARE = "share"  # pictures that somebody shows in another channel
    VOTE = "vote"  # of a round; and what is said of it in the thread
    VOTE_NOTE = "vote_note"
    DRAFT = "draft"  # what became of a draft in PowerPost


class HomeAction(StrEnum):
    """The `action_id`s of the Home tab; those of one row must differ, so each page has its own."""

    CREATE_IMAGE = "home_create_image"
    REFRESH = "home_refresh"
    SHOW_OVERVIEW = "home_overview"
    SHOW_BUDGETS = "home_budgets"
    SHOW_RULES = "home_rules"
    SHOW_PRESETS = "home_presets"
    SHOW_CHANGES = "home_changes"
    SHOW_LIBRARY = "home_library"
    PAGE_BACK = "home_page_back"
    PAGE_ON = "home_page_on"
    EDIT_SETTINGS = "home_edit_settings"
    EDIT_DEFAULTS = "home_edit_defaults"
    EDIT_SHOWING = "home_edit_showing"
    EDIT_CAMPAIGNS = "home_edit_campaigns"
    EDIT_RULES = "home_edit_rules"
    ADD_EXCEPTION = "home_add_exception"
    ADD_BUDGET = "home_add_budget"
    ADD_PRESET = "home_add_preset"
    FORGET_ME = "home_forget_me"
    AUDIT = "home_audit"
    REMOVE = "home_remove"
    ROW_MENU = "home_row_menu"  # an option's value is `choice:kind:key`
    CHOOSE_KIND = "sheet_kind"  # the field of a form that other fields depend on


class RowChoice(StrEnum):
    """What the menu of a row in the Home tab offers."""

    CHANGE = "change"
    REMOVE = "remove"


class HomeField(StrEnum):
    """The fields of the Home tab's forms: each is its input's `block_id` and `action_id`."""

    TIME_ZONE = "time_zone"
    ADMINS = "admins"
    APPROVERS = "approvers"
    APPROVAL_CHANNEL = "approval_channel"
    OPEN_APPROVAL = "open_approval"
    ALERT_BELOW = "alert_below"
    CONFIRM_ABOVE = "confirm_above"
    BRIEF_MOST = "brief_most"
    BRIEF_ASK_PICTURES = "brief_ask_pictures"
    BRIEF_ASK_CREDITS = "brief_ask_credits"
    SHARED_CHANNELS = "shared_channels"
    PLAIN_REPLIES = "plain_replies"
    KIND = HomeAction.CHOOSE_KIND.value
    PERSON = "person"
    CHANNEL = "one_channel"
    PERIOD = "period"
    CREDITS = "budget_credits"
    BUDGET_CAMPAIGN = "budget_campaign"
    MODELS = "models"
    QUANTITY_MAX = "quantity_max"
    CHANNELS = "channels"
    PEOPLE = "people"
    GROUPS = "groups"
    WORDS = "words"
    BEGINNINGS = "beginnings"
    REQUIRED_PRESET = "required_preset"
    LIFTED = "lifted"
    POWERPOST_WORKSPACE = "powerpost_workspace"
    NAME = "name"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    MODEL = "preset_model"
    SIZE = "preset_size"
    QUANTITY = "preset_quantity"
    ENHANCE = "preset_enhance"
    LOCKED = "locked"
    KEPT = "kept_references"
    FILES = "new_references"
    PRESET = "default_preset"
    SHOW = "show_results"
    SHOW_THREAD = "show_in_thread"
    SHOW_CHANNEL = "show_in_channel"
    SHOW_ME = "show_to_me"
    CAMPAIGN = "default_campaign"
    CHANNELS_CAMPAIGN = "channels_campaign"
    ASK_ABOVE = "ask_above"


# Slack's own user: its reminders and notices mention whom they were told to.
SLACKBOT: Final = "USLACKBOT"
