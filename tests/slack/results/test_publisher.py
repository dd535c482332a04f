"""What people see of a generation, over HTTP: found again, in another form, in another place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.credits.estimates import GUIDE_PRICES, Basis, Estimate
from bot.errors import Cause, Rejected, Transient
from bot.generations.ports import Phase, Progress
from bot.generations.record import Generation, PictureState, Place, State
from bot.generations.usage import Usage
from bot.images.catalogue import Model
from bot.images.showing import Show
from bot.policy.book import PolicyBook
from bot.policy.policy import Policy
from bot.sandbox.serving import serve
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.kit.calls import call_slack
from bot.slack.kit.connection import build_client
from bot.slack.kit.files import FileUploader
from bot.slack.kit.ids import METADATA_EVENT, MessageKind
from bot.slack.kit.pictures import PictureConverter
from bot.slack.kit.posting import find_message
from bot.slack.results.publisher import SlackPublisher
from bot.slack.results.quotes import Quotes
from bot.slack.results.versions import Versions
from tests.support.examples import make_generation

USED = Usage(3, 97)
CHANNEL = "C0DESIGN"


class NoLineage:
    """Where nothing was made from anything."""

    async def read(self, generation_id: str) -> Generation:
        raise KeyError(generation_id)

    async def version_of(self, generation_id: str) -> int:
        return 1

    async def is_first_in_thread(self, generation: Generation) -> bool:
        return False


class NoPrices:
    """Nothing was ever charged for, and nobody has set anything."""

    async def estimate(self, model: Model, quantity: int) -> Estimate:
        return Estimate(Basis.GUIDE, float(GUIDE_PRICES[model] * quantity))

    async def read(self, team_id: str) -> Policy:
        return Policy()

    async def change(self, *_: Any, **__: Any) -> Policy:
        return Policy()


async def fetch_nothing(url: str) -> bytes:
    """Where pictures are fetched from."""
    raise Rejected(Cause.LINK_EXPIRED, url)


@dataclass
class Desk:
    """Slack's stand-in and our side of it."""

    workspace: Workspace
    client: AsyncWebClient
    publisher: SlackPublisher

    def messages(self, channel: str = CHANNEL) -> list[Message]:
        """The bot's messages."""
        return [m for m in self.workspace.messages[channel] if m.bot_id]

    async def post_root(self, generation: Generation) -> Generation:
        """The generation with its root message."""
        posted = await self.publisher.post_root(generation)
        return replace(generation, root_ts=posted.ts)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Fresh for each test."""
    workspace = Workspace(file_ready_seconds=0.05)
    converter = PictureConverter()
    async with serve(build_app(workspace)) as url:
        workspace.base_url = url
        client = build_client(f"{url}/api", workspace.bot_token)
        versions = Versions(NoLineage(), NoLineage(), lambda: None)
        quotes = Quotes(NoPrices(), PolicyBook(NoPrices()))
        publisher = SlackPublisher(client, fetch_nothing, converter, versions, quotes)
        yield Desk(workspace, client, publisher)
        assert client.session is not None
        await client.session.close()
    converter.close()


def new_generation(state: State = State.ACCEPTED, **changes: object) -> Generation:
    """In Slack's stand-in, not announced yet."""
    generation = make_generation(state, prompt="fog")
    place = Place("T0SANDBOX", CHANNEL, "U0ADA")
    return replace(generation, root_ts=None, accepted_at=datetime.now(UTC), place=place, **changes)  # type: ignore[arg-type]


def with_pictures(generation: Generation, *urls: str) -> Generation:
    """Finished, with linked pictures."""
    made = make_generation(pictures=len(urls)).pictures
    pictures = tuple(
        replace(picture, url=url, state=PictureState.LINKED, cause=Cause.TOO_LARGE)
        for picture, url in zip(made, urls, strict=True)
    )
    return replace(generation, state=State.FINISHED, pictures=pictures)


async def test_a_root_that_may_be_there_is_found_and_not_posted_again(desk: Desk) -> None:
    desk.workspace.scopes.add("channels:history")
    first = await desk.publisher.post_root(new_generation())

    again = await desk.publisher.post_root(new_generation(root_intended_at=datetime.now(UTC)))

    assert again == first
    assert len(desk.messages()) == 1


async def test_another_generations_message_is_not_taken_for_ones_own(desk: Desk) -> None:
    desk.workspace.scopes.add("channels:history")
    await desk.publisher.post_root(replace(new_generation(), id="another"))

    await desk.publisher.post_root(new_generation(root_intended_at=datetime.now(UTC)))

    assert len(desk.messages()) == 2


async def test_the_root_is_not_taken_for_the_result(desk: Desk) -> None:
    desk.workspace.scopes.add("channels:history")
    generation = await desk.post_root(new_generation())
    generation = replace(generation, state=State.FAILED, result_intended_at=datetime.now(UTC))

    told = await desk.publisher.post_outcome(generation, USED)

    assert told is not None
    assert told.ts != generation.root_ts
    assert len(desk.messages()) == 2


async def test_the_word_that_nobody_knows_is_not_taken_for_the_pictures_that_come_after_all(
    desk: Desk,
) -> None:
    desk.workspace.scopes.add("channels:history")
    generation = await desk.post_root(new_generation())
    unknown = replace(generation, state=State.UNKNOWN, cause=Cause.INTERRUPTED)
    notice = await desk.publisher.post_outcome(unknown, USED)
    revived = with_pictures(generation, "https://powerpost.example/1.webp")
    revived = replace(revived, result_intended_at=datetime.now(UTC))

    told = await desk.publisher.post_outcome(revived, USED)
    again = await desk.publisher.post_outcome(revived, USED)

    assert told not in (None, notice)
    assert again == told
    assert len(desk.messages()) == 3


async def test_the_word_that_nobody_knows_is_found_again_too(desk: Desk) -> None:
    desk.workspace.scopes.add("channels:history")
    generation = await desk.post_root(new_generation())
    unknown = replace(generation, state=State.UNKNOWN, result_intended_at=datetime.now(UTC))

    first = await desk.publisher.post_outcome(unknown, USED)

    assert await desk.publisher.post_outcome(unknown, USED) == first
    assert len(desk.messages()) == 2


async def test_a_result_is_found_again_by_slacks_clock_whatever_ours_says(desk: Desk) -> None:
    desk.workspace.scopes.add("channels:history")
    generation = await desk.post_root(new_generation())
    generation = replace(
        with_pictures(generation, "https://powerpost.example/1.webp"),
        accepted_at=datetime.now(UTC) + timedelta(hours=1),
        result_intended_at=datetime.now(UTC),
    )

    first = await desk.publisher.post_outcome(generation, USED)

    assert await desk.publisher.post_outcome(generation, USED) == first
    assert len(desk.messages()) == 2


async def test_while_slack_does_not_let_it_look_nothing_is_posted_twice(desk: Desk) -> None:
    """A look that is only put off (429) must be made later, not passed over."""
    desk.workspace.scopes.add("channels:history")
    await desk.publisher.post_root(new_generation())
    desk.workspace.faults.next_call("conversations.history", "ratelimited")

    with pytest.raises(Transient):
        await desk.publisher.post_root(new_generation(root_intended_at=datetime.now(UTC)))

    assert len(desk.messages()) == 1


async def test_blocks_that_slack_could_never_take_become_words(desk: Desk) -> None:
    generation = await desk.post_root(new_generation())
    endless = "https://powerpost.example/1.webp?signature=" + "a" * 5000

    await desk.publisher.post_outcome(with_pictures(generation, endless), USED)

    told = desk.messages()[-1]
    assert told.thread_ts == generation.root_ts
    assert told.blocks == []
    assert endless in told.text
    assert "Used 3 credits" in told.text


async def test_the_last_resort_is_the_persons_own_conversation(desk: Desk) -> None:
    generation = await desk.post_root(new_generation())
    desk.workspace.channels[CHANNEL].is_archived = True

    told = await desk.publisher.post_outcome(
        with_pictures(generation, "https://powerpost.example/1.webp"), USED
    )

    assert told is not None
    assert told.channel_id == "D0ADA"
    assert [m.ts for m in desk.messages("D0ADA")] == [told.ts]


@pytest.mark.parametrize(
    ("held", "code", "has_picture"),
    [
        ("slack_file", "slack_connect_file_link_sharing_blocked", False),
        ("metadata", "invalid_metadata_schema", True),
        ("metadata", "metadata_must_be_sent_from_app", True),
        ("feedback", "invalid_blocks", True),
        ("feedback", "a_code_of_next_year", True),
        ("blocks", "another_code_of_next_year", False),
    ],
)
async def test_what_slack_refuses_is_left_out_in_the_thread_whatever_its_code(
    desk: Desk, held: str, code: str, has_picture: bool
) -> None:
    generation = await desk.post_root(new_generation())
    made = with_pictures(generation, "https://powerpost.example/1.webp")
    file_id = await FileUploader(desk.client).upload("1.jpg", b"\xff\xd8\xff\xe0")
    picture = replace(made.pictures[0], state=PictureState.UPLOADED, slack_file_id=file_id)
    desk.workspace.faults.refused[held] = code

    told = await desk.publisher.post_outcome(replace(made, pictures=(picture,)), USED)

    shown = desk.messages()[-1]
    assert told is not None
    assert (shown.ts, shown.thread_ts) == (told.ts, generation.root_ts)
    assert (file_id in str(shown.blocks)) == has_picture
    assert ("https://powerpost.example/1.webp" in shown.text) != has_picture
    assert "feedback_buttons" not in str(shown.blocks)
    assert "Used 3 credits" in shown.text


async def test_a_root_whose_metadata_is_refused_is_posted_without(desk: Desk) -> None:
    desk.workspace.faults.refused["metadata"] = "invalid_metadata_schema"

    await desk.post_root(new_generation())

    assert len(desk.messages()) == 1


async def test_what_no_place_takes_is_linked_in_the_first_message(desk: Desk) -> None:
    generation = await desk.post_root(new_generation())
    made = with_pictures(generation, "https://powerpost.example/1.webp")
    desk.workspace.faults.refused["all"] = "a_code_of_next_year"

    with pytest.raises(Rejected):
        await desk.publisher.post_outcome(made, USED)
    await desk.publisher.show_outcome(made, USED)

    (root,) = desk.messages()
    assert "https://powerpost.example/1.webp" in str(root.blocks)
    assert "https://powerpost.example/1.webp" in root.text


async def test_links_that_no_blocks_hold_stand_in_the_words_of_the_first_message(
    desk: Desk,
) -> None:
    generation = await desk.post_root(new_generation())
    endless = "https://powerpost.example/1.webp?signature=" + "a" * 3500

    await desk.publisher.show_outcome(with_pictures(generation, endless), USED)

    (root,) = desk.messages()
    assert endless in root.text


async def test_a_progress_is_shown_in_the_root(desk: Desk) -> None:
    generation = await desk.post_root(new_generation())

    await desk.publisher.show_progress(generation, Progress(Phase.GENERATING, 7.0))

    (root,) = desk.messages()
    assert "*Generating* · 7 s" in str(root.blocks)


@pytest.mark.parametrize(
    ("fault", "is_held"),
    [
        pytest.param("is_archived", False, id="for good"),
        pytest.param("http_500", True, id="for now"),
        pytest.param("dropped_before", True, id="without an answer"),
        pytest.param("ratelimited", True, id="too many"),
    ],
)
async def test_a_progress_that_cannot_be_shown_is_dropped_and_edits_pause_where_slack_suffers(
    desk: Desk, fault: str, is_held: bool
) -> None:
    generation = await desk.post_root(new_generation())
    desk.workspace.faults.next_call("chat.update", fault)

    await desk.publisher.show_progress(generation, Progress(Phase.GENERATING, 7.0))
    assert desk.workspace.faults.pending() == {}
    (root,) = desk.messages()
    assert "Generating" not in str(root.blocks)
    await desk.publisher.show_progress(generation, Progress(Phase.GENERATING, 8.0))

    tries = [e for e in desk.workspace.exchanges if e.method == "chat.update"]
    assert len(tries) == (1 if is_held else 2)
    assert ("Generating" in str(root.blocks)) is not is_held


async def test_an_end_that_cannot_be_shown_is_said_to_whoever_asked_for_it(desk: Desk) -> None:
    generation = await desk.post_root(new_generation())
    desk.workspace.faults.next_call("chat.update", "http_500")

    with pytest.raises(Transient):
        await desk.publisher.show_outcome(replace(generation, state=State.FAILED), USED)


async def test_a_prompt_that_escapes_to_more_than_an_edit_holds_can_still_be_edited(
    desk: Desk,
) -> None:
    generation = new_generation()
    request = generation.request.model_copy(update={"prompt": "<&>" * 666})
    generation = await desk.post_root(replace(generation, request=request))

    await desk.publisher.show_outcome(replace(generation, state=State.FAILED), USED)

    (root,) = desk.messages()
    assert "*Failed*" in str(root.blocks)
    assert len(root.text) <= 4000


async def test_a_file_that_slack_loses_is_not_waited_for_for_ever(desk: Desk) -> None:
    desk.workspace.faults.lose_next_file = True
    uploader = FileUploader(desk.client, ready_within_seconds=0.4)

    with pytest.raises(Transient) as caught:
        await uploader.upload("1.jpg", b"\xff\xd8\xff\xe0")
    file_id = await uploader.upload("1.jpg", b"\xff\xd8\xff\xe0")

    assert caught.value.cause is Cause.FILE_NOT_READY
    assert desk.workspace.is_file_ready(desk.workspace.files[file_id])


async def test_a_file_is_ready_when_upload_returns(desk: Desk) -> None:
    desk.workspace.file_ready_seconds = 0.5

    file_id = await FileUploader(desk.client).upload("1.jpg", b"\xff\xd8\xff\xe0")

    assert desk.workspace.is_file_ready(desk.workspace.files[file_id])


async def test_alt_text_never_goes_along_with_an_upload(desk: Desk) -> None:
    await FileUploader(desk.client).upload("1.jpg", b"\xff\xd8\xff\xe0")

    assert desk.workspace.unshareable == set()


async def test_a_burst_of_results_keeps_to_slacks_pace(desk: Desk) -> None:
    generations = [replace(new_generation(), id=f"g{number}") for number in range(5)]

    await asyncio.gather(*(desk.publisher.post_root(generation) for generation in generations))

    posts = [e for e in desk.workspace.exchanges if e.method == "chat.postMessage"]
    assert [post.status for post in posts] == [200] * 5


@pytest.mark.parametrize(
    ("messages", "ts"),
    [
        ([], None),
        ([{"ts": "1"}], None),
        ([{"ts": "1", "metadata": None}], None),
        ([{"ts": "1", "metadata": {"event_type": METADATA_EVENT}}], None),
        (
            [
                {
                    "ts": "1",
                    "metadata": {
                        "event_type": "somebody else's",
                        "event_payload": {"generation": "g1", "kind": "root"},
                    },
                },
                {
                    "ts": "2",
                    "metadata": {
                        "event_type": METADATA_EVENT,
                        "event_payload": {"generation": "g1", "kind": "result"},
                    },
                },
                {
                    "ts": "3",
                    "metadata": {
                        "event_type": METADATA_EVENT,
                        "event_payload": {"generation": "g1", "kind": "root"},
                    },
                },
            ],
            "3",
        ),
    ],
    ids=["none", "no metadata", "null", "half", "among others"],
)
def test_ones_own_message_is_known_by_its_metadata(
    messages: list[dict[str, object]], ts: str | None
) -> None:
    assert find_message(list(messages), "g1", MessageKind.ROOT) == ts


async def test_a_lineage_that_cannot_be_looked_up_costs_no_result(desk: Desk) -> None:
    generation = await desk.post_root(new_generation(parent_id="gone"))

    told = await desk.publisher.post_outcome(
        with_pictures(generation, "https://powerpost.example/1.webp"), USED
    )

    assert told is not None


async def test_the_client_repeats_nothing_by_itself(desk: Desk) -> None:
    desk.workspace.faults.next_call("chat.postMessage", "dropped")

    with pytest.raises(Transient):
        await call_slack(desk.client.chat_postMessage, channel=CHANNEL, text="once")

    assert len(desk.messages()) == 1


def to_channel(generation: Generation, **changes: object) -> Generation:
    """Finished, and to be shown in the channel, too."""
    made = with_pictures(generation, "https://powerpost.example/1.webp")
    return replace(made, show=Show.CHANNEL, **changes)  # type: ignore[arg-type]


def broadcasts(desk: Desk) -> list[Message]:
    return [message for message in desk.messages() if message.subtype == "thread_broadcast"]


async def test_a_result_that_may_be_in_the_channel_is_not_shown_there_again(desk: Desk) -> None:
    generation = to_channel(await desk.post_root(new_generation()))
    await desk.publisher.post_outcome(generation, USED)

    again = replace(generation, result_intended_at=datetime.now(UTC))
    told = await desk.publisher.post_outcome(again, USED)

    assert told is not None
    assert len(broadcasts(desk)) == 1  # Slack does not let it look, so it is told again
    assert len(desk.messages()) == 3
    await desk.publisher.show_outcome(replace(again, result_ts=told.ts), USED)
    assert "and in the channel" not in desk.messages()[0].text


async def test_a_result_that_slack_only_put_off_is_shown_in_the_channel(desk: Desk) -> None:
    generation = to_channel(await desk.post_root(new_generation()))
    desk.workspace.faults.next_call("chat.postMessage", "ratelimited")
    with pytest.raises(Transient):
        await desk.publisher.post_outcome(generation, USED)

    again = replace(generation, result_intended_at=datetime.now(UTC))
    await desk.publisher.post_outcome(again, USED)

    assert len(broadcasts(desk)) == 1


async def test_a_failure_is_never_shown_in_the_channel(desk: Desk) -> None:
    generation = await desk.post_root(new_generation())
    failed = replace(generation, state=State.FAILED, show=Show.CHANNEL)

    await desk.publisher.post_outcome(failed, USED)

    assert len(desk.messages()) == 2
    assert broadcasts(desk) == []
