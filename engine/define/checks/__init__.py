"""What `parcours check` looks for beyond what a workspace must have to be loaded: one file for each rule.

A workspace with findings can still be run: a rule that a new version brings never stops a shop. Adding a rule is
a file here, its class in `RULES`, a page in engine/define/explain and two cases in tests/cases/checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.define.checks.alt_text import AltText
from engine.define.checks.avoided_word import AvoidedWord
from engine.define.checks.awaits_its_end import AwaitsItsEnd
from engine.define.checks.channels_differ import ChannelsDiffer
from engine.define.checks.costly_sms import CostlySms
from engine.define.checks.dead_channel import DeadChannel
from engine.define.checks.emoji import Emoji
from engine.define.checks.low_contrast import LowContrast
from engine.define.checks.may_be_missing import MayBeMissing
from engine.define.checks.missing_legal import MissingLegal
from engine.define.checks.missing_locale import MissingLocale
from engine.define.checks.never_leaves import NeverLeaves
from engine.define.checks.never_shown import NeverShown
from engine.define.checks.never_true import NeverTrue
from engine.define.checks.no_next_channel import NoNextChannel
from engine.define.checks.not_rendered import NotRendered
from engine.define.checks.placeholder import Placeholder
from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.starts_itself import StartsItself
from engine.define.checks.template_needs import TemplateNeeds
from engine.define.checks.tie import Tie
from engine.define.checks.tone import Tone
from engine.define.checks.too_long import TooLong
from engine.define.checks.translation import Translation
from engine.define.checks.unreachable_step import UnreachableStep
from engine.define.checks.wait_outlives import WaitOutlives
from engine.define.checks.wait_past_stop import WaitPastStop
from engine.model.plan import Plan
from engine.model.problem import Problem
from engine.render.renderer import Renderer

RULES: tuple[Rule, ...] = (
    UnreachableStep(),
    NeverTrue(),
    WaitOutlives(),
    WaitPastStop(),
    AwaitsItsEnd(),
    StartsItself(),
    NeverLeaves(),
    DeadChannel(),
    NoNextChannel(),
    TemplateNeeds(),
    NotRendered(),
    MayBeMissing(),
    Translation(),
    Placeholder(),
    MissingLocale(),
    TooLong(),
    CostlySms(),
    AvoidedWord(),
    Tone(),
    Emoji(),
    MissingLegal(),
    LowContrast(),
    AltText(),
    ChannelsDiffer(),
    NeverShown(),
    Tie(),
)
HINTS = frozenset(rule.code for rule in RULES if rule.level == "hint")


def findings(
    plan: Plan, renderer: Renderer, sources: Mapping[str, str], problems: Iterable[Problem] = ()
) -> tuple[Problem, ...]:
    """What the rules find in a compiled workspace, sorted by place.

    `problems` are those found already: where one stands, a rule has nothing to add.
    """
    problems = tuple(problems)
    known = {(each.place.file, each.place.line) for each in problems}
    workspace = Workspace(plan, renderer, sources, problems)
    brand = workspace.doc("brand")
    # what the brand lacks may stand in it, under a name that is misspelt
    unsure = {MissingLegal.code} if brand is not None and any(file == brand.file for file, _ in known) else set()
    found = {problem for rule in RULES if rule.code not in unsure for problem in rule.find(workspace)}
    return tuple(sorted(each for each in found if (each.place.file, each.place.line) not in known))
