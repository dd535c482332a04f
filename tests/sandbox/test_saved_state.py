"""What the stand-ins keep beside the bot's database, so that a restart of the sandbox is one."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx
import pytest

from bot.sandbox.powerpost.faults import Outcome
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.run import open_sandbox, read_ports
from bot.sandbox.saved_state import SavedState
from bot.sandbox.serving import serve
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.wiring import Sandbox
from tests.support.stage import ANSWER_SECONDS, DESIGN, LAUNCH

KEY = {"x-api-key": "pp_live_sk_sandbox", "X-Workspace-Id": "ws_sandbox"}


def make_workspace() -> Workspace:
    workspace = Workspace()
    workspace.base_url = "http://127.0.0.1:1"
    return workspace


def test_messages_threads_and_files_are_there_again(tmp_path: Path) -> None:
    before, world = make_workspace(), SavedState(tmp_path)
    root = before.post_message(DESIGN, "U0IMAGINE", "root", metadata={"event_type": "x"})
    before.post_message(DESIGN, "U0ADA", "private", thread_ts=root.ts, ephemeral_to="U0ADA")
    file = before.add_file("U0ADA", "a.png", b"\x89PNG\r\n\x1a\nbytes")
    before.post_message(DESIGN, "U0ADA", "reply", thread_ts=root.ts, file_ids=[file.id])
    lost = before.start_file("U0IMAGINE", "never ready.png")
    before.files[lost.id] = lost
    new_id = before.change_channel_id(LAUNCH)
    world.save(before, PowerPost())

    after = Workspace()
    after.base_url = "http://127.0.0.1:2"
    assert SavedState(tmp_path).restore(after, PowerPost())

    assert after.messages == before.messages
    assert after.users == before.users
    assert after.channels == before.channels
    assert after.former_channels == {LAUNCH: new_id}
    assert [m.text for m in after.replies(DESIGN, root.ts)] == ["reply"]
    assert after.find_message(DESIGN, root.ts) is after.messages[DESIGN][0]
    assert after.bot is after.users["U0IMAGINE"]
    assert after.files[file.id].content == file.content
    assert after.files[file.id].url_private.startswith("http://127.0.0.1:2/files-pri/")
    assert not after.is_file_ready(after.files[lost.id])
    assert float(after.next_ts()) > float(before.messages[DESIGN][-1].ts)


@pytest.mark.parametrize("is_older", [False, True])
def test_nobody_else_reads_what_is_kept(tmp_path: Path, *, is_older: bool) -> None:
    directory, workspace = tmp_path / "imagine.sqlite3.world", make_workspace()
    workspace.add_file("U0ADA", "a.png", b"\x89PNG\r\n\x1a\nbytes")
    before = os.umask(0)
    try:
        SavedState(directory).save(workspace, PowerPost())
        if is_older:  # as a version left it that did not see to it
            for path in (directory, *directory.rglob("*")):
                path.chmod(0o777 if path.is_dir() else 0o644)
        workspace.add_file("U0ADA", "b.png", b"\x89PNG\r\n\x1a\nothers")
        SavedState(directory).save(workspace, PowerPost())
    finally:
        os.umask(before)

    found = [directory, *directory.rglob("*")]
    assert len([path for path in found if path.is_file()]) == 5
    assert {oct(path.stat().st_mode & 0o777) for path in found if path.is_dir()} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in found if path.is_file()} == {"0o600"}


async def test_powerpost_has_its_balance_charges_due_refunds_and_links_again(
    tmp_path: Path,
) -> None:
    now = 1_790_000_000.0
    before = PowerPost(seconds_per_generation=10, clock=lambda: now)
    before.faults.next_outcome(Outcome.PARTIAL)
    async with serve(build_powerpost(before)) as url, httpx.AsyncClient(headers=KEY) as http:
        body = {"prompt": "fog", "quantity": 2, "size": "square", "model": "flux2-flex"}
        answer = await http.post(f"{url}/api/v1/images/generate", json=body)
        made = answer.json()["image_generation_id"]
        SavedState(tmp_path).save(make_workspace(), before)
        balance = before.balance

    after = PowerPost(clock=lambda: now + 20)
    assert SavedState(tmp_path).restore(make_workspace(), after)

    assert len(after.charges) == 2  # the refund that was due has come meanwhile
    assert after.balance == balance - after.charges[1].credits
    async with serve(build_powerpost(after)) as url, httpx.AsyncClient(headers=KEY) as http:
        looked = (await http.get(f"{url}/api/v1/images/generations/{made}")).json()
        (image,) = looked["images"]
        picture = await http.get(image["url"])
        link = before.links.sign(url, f"{image['media_id']}.webp", now + 1000)
        assert (await http.get(link)).content == picture.content
    assert looked["status"] == "failed"
    assert picture.status_code == 200


def test_where_nothing_was_kept_it_begins_anew(tmp_path: Path) -> None:
    assert not SavedState(tmp_path / "none").restore(make_workspace(), PowerPost())


@pytest.mark.parametrize("name", ["slack.json", "powerpost.json"])
@pytest.mark.parametrize(
    "broken", [b"{", b'{"users": 1}', b"[]", b"null", b'"x"', b"\xff\xfe", b""]
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    tmp_path: Path, broken: bytes, name: str
) -> None:
    SavedState(tmp_path).save(make_workspace(), PowerPost())
    (tmp_path / name).write_bytes(broken)

    with pytest.raises(RuntimeError, match="Delete it, with the database"):
        SavedState(tmp_path).restore(make_workspace(), PowerPost())


@pytest.mark.parametrize("name", ["slack.json", "powerpost.json"])
def test_half_a_world_is_none(tmp_path: Path, name: str) -> None:
    SavedState(tmp_path).save(make_workspace(), PowerPost())
    (tmp_path / name).unlink()

    with pytest.raises(RuntimeError, match="Delete it, with the database"):
        SavedState(tmp_path).restore(make_workspace(), PowerPost())


def test_a_world_that_is_a_file_is_said_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "world").write_text("hi")

    with pytest.raises(RuntimeError, match="Delete it, with the database"):
        SavedState(tmp_path / "world").restore(make_workspace(), PowerPost())


@pytest.mark.parametrize("ports", ["", "{", '"x"', "null", "[]", '{"slack": "x"}', '{"slack": 1}'])
def test_ports_that_cannot_be_read_are_chosen_anew(tmp_path: Path, ports: str) -> None:
    (tmp_path / "ports.json").write_text(ports)

    assert read_ports(tmp_path) == (0, 0)
    assert read_ports(tmp_path / "none") == (0, 0)


async def until_settled(scene: Sandbox, roots: int) -> None:
    def is_done() -> bool:
        shown = [m for m in scene.workspace.messages[DESIGN] if m.bot_id and not m.is_reply]
        return len(shown) >= roots and all("Done" in str(m.blocks) for m in shown)

    async with asyncio.timeout(90):
        news = scene.workspace.subscribe()
        while not is_done():
            await anext(news)


async def test_a_restart_goes_on_with_the_same_world_and_the_audit_adds_up(tmp_path: Path) -> None:
    database, world = tmp_path / "kept.sqlite3", tmp_path / "kept.sqlite3.world"
    async with open_sandbox(0, database, tmp_path, state=world) as scene:
        await scene.bot.until_ready()
        scene.delivery.answer_seconds = ANSWER_SECONDS
        assert not scene.is_restored
        await scene.person("U0ADA").run_command(DESIGN, "/imagine", "a lighthouse in fog")
        await until_settled(scene, 1)
        balance, ports = scene.powerpost.balance, read_ports(world)

    async with open_sandbox(0, database, tmp_path, state=world) as scene:
        await scene.bot.until_ready()
        scene.delivery.answer_seconds = ANSWER_SECONDS
        assert scene.is_restored
        assert scene.powerpost.balance == balance
        assert read_ports(world) == ports
        (result,) = [m for m in scene.workspace.messages[DESIGN] if m.is_reply]
        actions = next(block for block in result.blocks if block["block_id"] == "actions")
        button = actions["elements"][0]
        await scene.person("U0BEN").click(
            DESIGN, result.ts, "actions", button["action_id"], value=button["value"]
        )
        async with asyncio.timeout(90):
            news = scene.workspace.subscribe()
            while len(scene.powerpost.charges) < 2:
                await anext(news)
        audit = await asyncio.create_subprocess_shell(
            scene.bot.audit, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await audit.communicate()

    assert audit.returncode == 0, said
