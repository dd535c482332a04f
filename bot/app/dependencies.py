"""What most of the bot is built from: the settings, the clients, the stores. Built once, by app.py,
and handed to whoever builds more of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.generations.slots import RUNNING_PER_PERSON
from bot.policy.book import PolicyBook
from bot.policy.workspaces import PowerPostWorkspaces
from bot.powerpost.client import PowerPostClient
from bot.powerpost.upstream import PowerPostUpstream
from bot.settings import Settings
from bot.slack.kit.admins import Admins
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.connection import SlackClient, SlackConnection
from bot.slack.kit.membership import GroupMembership
from bot.slack.kit.pictures import PictureConverter
from bot.slack.kit.references import ReferenceGatherer
from bot.store.alerts import AlertStore
from bot.store.approvals import ApprovalStore
from bot.store.balances import BalanceStore
from bot.store.briefs import BriefStore
from bot.store.campaigns import CampaignStore
from bot.store.channels import ChannelStore
from bot.store.database import Database
from bot.store.drafts import DraftStore
from bot.store.generations import GenerationStore
from bot.store.heartbeats import HeartbeatStore
from bot.store.installations import InstallationStore
from bot.store.ledger import LedgerStore
from bot.store.library import LibraryStore
from bot.store.media import MediaStore
from bot.store.personal_data import PersonalDataStore
from bot.store.picks import PickStore
from bot.store.policies import PolicyStore
from bot.store.posts import PostStore
from bot.store.prices import PriceStore
from bot.store.processes import ProcessStore
from bot.store.questions import QuestionStore
from bot.store.rate_limits import RateLimitStore
from bot.store.retention import RetentionStore
from bot.store.shares import ShareStore
from bot.store.spending import SpendingStore
from bot.store.usage import UsageStore
from bot.store.versions import VersionStore
from bot.store.welcomes import WelcomeStore
from bot.telemetry.instrumentation import Observers
from bot.telemetry.metrics import Metrics

# Three of a person's requests run at a time, and ten may wait.
PENDING_PER_PERSON: Final = RUNNING_PER_PERSON + 10
# Of the lease: to show life and to claim; to look for the others' signs.
_LIFE_THREADS: Final = (2, 1)


class Stores:
    """Every table's reader and writer, on one database."""

    def __init__(self, settings: Settings, owner: str, *, works: bool) -> None:
        """`owner` is the name that this process works under, where it `works`."""
        worker = owner if works else None
        self.database = database = Database(settings.database_url)
        self.generations = GenerationStore(database, worker, pending_per_person=PENDING_PER_PERSON)
        self.approvals = ApprovalStore(database, worker)
        # On SQLite, which only one process has open, nobody shows life.
        self._life = (
            database
            if settings.is_sqlite
            else Database(settings.database_url, threads=_LIFE_THREADS)
        )
        self.processes = ProcessStore(self._life, owner)
        # Where other processes may be, limits are kept together with them; else in memory.
        self.rate_limits = None if settings.is_sqlite else RateLimitStore(database)
        self.alerts = AlertStore(database)
        self.balances = BalanceStore(database)
        self.briefs = BriefStore(database, worker)
        self.campaigns = CampaignStore(database)
        self.channels = ChannelStore(database)
        self.drafts = DraftStore(database)
        self.heartbeats = HeartbeatStore(database)
        self.installations = InstallationStore(database)
        self.ledger = LedgerStore(database)
        self.library = LibraryStore(database)
        self.lineage = VersionStore(database)
        self.media = MediaStore(database, settings.powerpost_workspace_id)
        self.personal_data = PersonalDataStore(database)
        self.picks = PickStore(database)
        self.policies = PolicyStore(database)
        self.posts = PostStore(database, owner)
        self.prices = PriceStore(database)
        self.questions = QuestionStore(database)
        self.retention = RetentionStore(database, settings.retention)
        self.shares = ShareStore(database)
        self.spending = SpendingStore(database)
        self.usage = UsageStore(database)
        self.welcomes = WelcomeStore(database)

    async def close(self) -> None:
        """Close the connections, once what runs has ended."""
        if self._life is not self.database:
            await self._life.close()
        await self.database.close()


@dataclass(frozen=True)
class Dependencies:
    """What is shared. Who is given it takes what it needs, and hands none of it on as a whole."""

    settings: Settings
    owner: str
    stores: Stores
    metrics: Metrics
    observer: Observers
    slack: SlackClient
    connection: SlackConnection
    powerpost: PowerPostClient
    upstream: PowerPostUpstream
    workspaces: PowerPostWorkspaces
    policies: PolicyBook
    admins: Admins
    members: GroupMembership
    references: ReferenceGatherer
    converter: PictureConverter
    background: BackgroundTasks
