"""Slack's mrkdwn: what becomes markup, and that nothing else does."""

from datetime import UTC

import pytest

from bot.sandbox.page.block_renderer import to_mrkdwn
from bot.sandbox.page.mrkdwn import (
    RenderContext,
    format_date,
    permalink_target,
    render_mrkdwn,
    render_plain,
    strip_mrkdwn,
)
from tests.support.mrkdwn import NOON, People

READING = RenderContext(People(), NOON, UTC, "U0ADA")
OUT = 'target="_blank" rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a *bold* word", "a <strong>bold</strong> word"),
        ("_italic_", "<em>italic</em>"),
        ("~gone~", "<s>gone</s>"),
        ("*bold _and italic_*", "<strong>bold <em>and italic</em></strong>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("* not bold *", "* not bold *"),
        ("`code *not bold*`", "<code>code *not bold*</code>"),
        ("one\ntwo", "one<br>two"),
        ("one\n\ntwo", "one<br><br>two"),
        ("&gt; quoted\nnot", "<blockquote>quoted</blockquote>not"),
        ("&gt; a\n&gt; b", "<blockquote>a<br>b</blockquote>"),
        ("```x = 1\n&lt;b&gt;```", "<pre class='code' dir='auto'>x = 1\n&lt;b&gt;</pre>"),
        ("``` unclosed", "``` unclosed"),
        ("&amp; &lt;b&gt;", "&amp; &lt;b&gt;"),
        ("&amp;lt;", "&amp;lt;"),
        (":unknown_thing:", ":unknown_thing:"),
        ("12:30:45", "12:30:45"),
        ("<https://a.example|words>", f'<a href="https://a.example" {OUT}>words</a>'),
        ("<https://a.example?x=1&amp;y=2>", f'<a href="https://a.example?x=1&amp;y=2" {OUT}>https://a.example?x=1&amp;y=2</a>'),
        ("see https://a.example.", f'see <a href="https://a.example" {OUT}>https://a.example</a>.'),
        ("<mailto:a@b.example|mail>", f'<a href="mailto:a@b.example" {OUT}>mail</a>'),
        ("<@U0ADA>", '<span class="mention me">@Ada Park</span>'),
        ("<@U0IMAGINE>", '<span class="mention">@Imagine</span>'),
        ("<@U0NOBODY|old name>", '<span class="mention">@old name</span>'),
        ("<#C0DESIGN|x>", '<a class="mention" href="/c/C0DESIGN#None" data-go>#design</a>'),
        ("<#C0SECRET|x>", '<span class="mention">#x</span>'),
        ("<!channel>", '<span class="mention broadcast">@channel</span>'),
        ("<!subteam^S1|@team>", '<span class="mention">@team</span>'),
        ("&lt;!channel&gt;", "&lt;!channel&gt;"),
        ("<https://s.slack.com/archives/C0DESIGN/p1700000000000100?thread_ts=1700000000.000001|2nd>",
         '<a href="/c/C0DESIGN/t/1700000000.000001#1700000000.000100" data-go>2nd</a>'),
    ],
)  # fmt: skip
def test_mrkdwn_becomes_what_slack_shows(text: str, html: str) -> None:
    assert render_mrkdwn(text, READING) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<javascript:alert(1)|click>",
        "<https://a.example|<script>alert(1)</script>>",
        '<https://a.example/"onmouseover="alert(1)|x>',
        "*<script>*",
        "`<script>`",
        "```<script>```",
        "<@<script>>",
        "<!date^0^<script>|x>",
        "&lt;script&gt;",
    ],
)
def test_no_text_becomes_a_tag_of_its_own(text: str) -> None:
    html = render_mrkdwn(text, READING)
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in html.replace("&lt;javascript:", "")
    assert '"onmouseover=' not in html


def test_known_emoji_have_a_name_for_screen_readers() -> None:
    html = render_mrkdwn(":tada:", READING)
    assert html == '<span class="emoji" role="img" aria-label="tada emoji">🎉</span>'


def test_a_date_is_shown_in_the_readers_time() -> None:
    html = render_mrkdwn(f"<!date^{int(NOON)}^{{date_short}} at {{time}}|then>", READING)
    assert html == '<time datetime="2025-11-25T12:00:00+00:00">Nov 25, 2025 at 12:00 PM</time>'


@pytest.mark.parametrize(
    ("form", "seconds_ago", "words"),
    [
        ("{date_short_pretty} at {time}", 0, "today at 12:00 PM"),
        ("{date_pretty}", 86_400, "yesterday"),
        ("{date_long}", 7 * 86_400, "Tuesday, November 18, 2025"),
        ("{date_num} {time_secs}", 59, "2025-11-25 11:59:01 AM"),
        ("{ago}", 30, "just now"),
        ("{ago}", 60, "1 minute ago"),
        ("{ago}", 7200, "2 hours ago"),
        ("{ago}", -86_400, "in 1 day"),
        ("{unknown}", 0, "{unknown}"),
    ],
)
def test_date_tokens(form: str, seconds_ago: float, words: str) -> None:
    assert format_date(form, NOON - seconds_ago, READING) == words


def test_a_date_out_of_range_is_shown_as_it_came() -> None:
    assert render_mrkdwn("<!date^99999999999999^{time}|then>", READING) == "{time}"


def test_plain_text_has_emoji_but_no_formatting() -> None:
    assert render_plain("*a* :rocket: <b>\nx") == "*a* 🚀 &lt;b&gt;<br>x"
    assert render_plain(":rocket:", emoji=False) == ":rocket:"


def test_stripped_mrkdwn_is_words_only() -> None:
    assert strip_mrkdwn("*Hi* <@U0ADA>\n&lt;b&gt;", READING) == "Hi @Ada Park <b>"


def test_only_permalinks_are_taken_for_permalinks() -> None:
    assert permalink_target("https://x.example/archives/C1/p1700000000000100") == (
        "C1",
        None,
        "1700000000.000100",
    )
    assert permalink_target("https://x.example/archives/C1") is None
    assert permalink_target("http://[broken") is None


def test_standard_markdown_is_shown_as_far_as_slack_has_it() -> None:
    markdown = "# Title\n**bold** *italic* [words](https://a.example)\n- item <b>"
    assert (
        to_mrkdwn(markdown)
        == "*Title*\n*bold* _italic_ <https://a.example|words>\n• item &lt;b&gt;"
    )


def test_a_long_hostile_text_is_read_in_no_time() -> None:
    assert len(render_mrkdwn("*_~`<" * 2400, READING)) > 12_000
