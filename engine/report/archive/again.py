"""The same core once more: an entry of the past becomes the commit that it was, without any provider, template or
address book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.journey.aside import set_aside, take_up
from engine.journey.blocks import leave_past_block
from engine.journey.leave import leave
from engine.journey.recover import lose, recover
from engine.journey.settle import settle
from engine.journey.walk import Walk
from engine.model.address import UNHEARD_OF, Standing
from engine.model.errors import RenderFailed
from engine.model.message import Rendered
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.model.record import Row
from engine.report.archive.past import About, Past
from engine.runtime.attempt import begun, commit_of, ended
from engine.runtime.blob import read_profile
from engine.runtime.commit import Claim, Commit
from engine.runtime.decide import Moment, Work, decide
from engine.runtime.overheard import Overheard
from engine.runtime.recovery import LOST


def decided_again(moment: Moment, blob: bytes | None, entry: Past) -> list[Commit]:
    """The commits of an entry whose customer was in the state `blob`. What was set aside is a letter among them."""
    works = [each for each in entry.inputs if isinstance(each, Work)]
    commits = decide(moment, entry.profile, blob, works) if works else []
    for each in entry.inputs:
        if isinstance(each, About) and blob is not None:
            profile = read_profile(blob)
            moment.source.provide(moment.running, profile)
            commits.append(_about(moment, profile, each))
    return commits


def _about(moment: Moment, profile: Profile, each: About) -> Commit:
    claim = Claim("", "", profile.id, each.message)
    if each.command == "back":
        commit = Commit(profile=profile.id, at=moment.now, plan=moment.running.plan.fingerprint)
        message = profile.messages.get(each.message)
        if message is not None:
            commit.rows = [Row(message.queue, "", each.message, moment.now)]
        commit.write(profile)
        return commit
    walk = _walk(moment, moment.running.plan, profile, each)
    commit = commit_of(walk, claim, (each.command, each.message))
    if walk.outgoing is not None and each.command == "leave":
        commit.message = begun(walk.outgoing, each.heard.provider)
    if each.outcome is not None:
        commit.message = ended(each.outcome)
        commit.doubt = each.heard.repeated or each.outcome.kind == "unknown"
    if each.command == "recover":
        commit.message, commit.doubt = ended(LOST), True
    if each.command == "lost":
        commit.message, commit.doubt = {"outcome": "unknown", "profile": profile.id}, True
    return commit


def _walk(moment: Moment, plan: Plan, profile: Profile, each: About) -> Walk:
    now, flags, heard, id_ = moment.now, moment.flags, each.heard, each.message
    message = profile.messages.get(id_)
    if each.command == "settle":
        assert each.outcome is not None
        return settle(plan, profile, id_, each.outcome, now, flags, repeated=heard.repeated)
    if each.command == "recover":
        return recover(plan, profile, id_, now, _render(heard), repeatable=heard.repeatable, flags=flags)
    if each.command == "set_aside":
        return set_aside(plan, profile, id_, now, each.why)
    if each.command == "lost":
        return lose(plan, profile, id_, now, flags)
    if message is not None and message.status == "set_aside":
        take_up(profile, id_)

    def book(channel: str, address: str) -> Standing:
        return heard.book.get(channel, UNHEARD_OF)

    if heard.block:
        return leave_past_block(plan, profile, id_, heard.block, now, _render(heard), flags, book)
    return leave(plan, profile, id_, now, _render(heard), flags, book)


def _render(heard: Overheard) -> Any:
    """What could be rendered then is not rendered again: its copy is no part of a decision."""

    def render(message: str, channel: str, locale: str, roots: Mapping[str, Any]) -> Rendered:
        if channel in heard.failed:
            code, reason, place = heard.failed[channel]
            fault = RenderFailed(message, channel, place, reason)
            fault.code = code
            raise fault
        return Rendered(message, channel, locale, {})

    return render
