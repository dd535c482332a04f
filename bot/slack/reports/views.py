"""What was spent: a sentence, a table, a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import (
    Block,
    ImageBlock,
    InputBlock,
    Option,
    RadioButtonsElement,
    RawTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextSectionElement,
    StaticSelectElement,
    TableBlock,
)
from slack_sdk.models.blocks.basic_components import (
    PlainTextObject,
    RawNumberObject,
    SlackFile,
    TableBlockColumnSettings,
)
from slack_sdk.models.blocks.block_elements import InputInteractiveElement
from slack_sdk.models.views import View

from bot.credits.reports import Line, Report, take_top
from bot.images.usage import By, Month
from bot.slack.kit.ids import ReportField, ViewId
from bot.slack.kit.message import Message, mrkdwn_section, plain_context
from bot.slack.kit.text import escape, number
from bot.slack.reports import texts

# A table has at most 100 rows (docs.slack.dev, "Table block"): of them the headings and the sum.
LINES_MAX: Final = 98
MONTHS_MAX: Final = 100  # a select takes no more options

_Cell = RawTextObject | RawNumberObject | RichTextBlock


def show_report(
    report: Report, sentence: str, *notes: str, chart: tuple[str, str] | None = None
) -> Message:
    """`sentence`, the table, and `notes` in small print; `chart` is a Slack file that is ready,
    and its alt text."""
    lines = take_top(report.lines, LINES_MAX)
    blocks: list[Block] = [mrkdwn_section(escape(sentence))]
    if lines:
        blocks.append(_table(report, lines))
    if chart is not None:
        file_id, alt_text = chart
        blocks.append(ImageBlock(slack_file=SlackFile(id=file_id), alt_text=alt_text))
    blocks += [plain_context(note) for note in notes]
    said = [texts.line_mrkdwn(report.by, line) for line in lines]
    return Message("\n".join((escape(sentence), *said, *map(escape, notes))), blocks)


def show_form(months: Sequence[Month], now: Month, *, has_workspaces: bool = False) -> View:
    """Which report. `months` are those in which something was spent, the newest first; `now` is the
    one that it is, which may be asked for, too. `has_workspaces`: PowerPost has several."""
    offered = [*([] if now in months else [now]), *months][:MONTHS_MAX]
    choices = [each for each in By if has_workspaces or each is not By.WORKSPACE]
    by = [_option(each, texts.BY_CHOICES[each]) for each in choices]
    which = [_option(str(month), month.words) for month in offered]
    return View(
        type="modal",
        callback_id=ViewId.REPORT_FORM,
        title="Report",
        submit="Send report",
        close="Cancel",
        blocks=[
            _field(
                ReportField.MONTH,
                "Month",
                StaticSelectElement(
                    action_id=ReportField.MONTH, options=which, initial_option=which[0]
                ),
            ),
            _field(
                ReportField.BY,
                "A line for each of these",
                RadioButtonsElement(action_id=ReportField.BY, options=by, initial_option=by[0]),
            ),
            plain_context(texts.WHERE_IT_COMES),
        ],
    )


def _option(value: str, text: str) -> Option:
    return Option(value=value, text=PlainTextObject(text=text, emoji=False))


def _field(field: ReportField, label: str, element: InputInteractiveElement) -> Block:
    return InputBlock(
        block_id=field, label=PlainTextObject(text=label, emoji=False), element=element
    )


def without_blocks(message: Message) -> Message:
    """The same for those who see no blocks, and where Slack takes none."""
    return Message(message.text)


def _table(report: Report, lines: tuple[Line, ...]) -> TableBlock:
    has_coming_back = report.total.coming_back > 0
    rows: list[list[_Cell]] = [
        [
            RawTextObject(text=each)
            for each in texts.headings(report.by, has_coming_back=has_coming_back)
        ]
    ]
    for line in lines:
        first = _key_cell(report.by, line.key)
        rows.append([first, *_numbers(line, has_coming_back=has_coming_back)])
    if len(lines) > 1:
        total = RawTextObject(text="Total")
        rows.append([total, *_numbers(report.total, has_coming_back=has_coming_back)])
    right = [TableBlockColumnSettings(align="right") for _ in rows[0][1:]]
    return TableBlock(rows=rows, column_settings=[TableBlockColumnSettings(align="left"), *right])


def _key_cell(by: By, key: str) -> _Cell:
    said = texts.key_mrkdwn(by, key)
    part: RichTextElementParts.User | RichTextElementParts.Channel
    if said.startswith("<@"):
        part = RichTextElementParts.User(user_id=key)
    elif said.startswith("<#"):
        part = RichTextElementParts.Channel(channel_id=key)
    else:
        return RawTextObject(text=texts.key_words(by, key, {}))
    return RichTextBlock(elements=[RichTextSectionElement(elements=[part])])


def _numbers(line: Line, *, has_coming_back: bool) -> list[RawNumberObject]:
    money = [line.credits, line.coming_back] if has_coming_back else [line.credits]
    return [
        RawNumberObject(value=value, text=number(value))
        for value in (*money, line.requests, line.pictures)
    ]
