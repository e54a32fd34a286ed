"""The workspace of the next best actions with a store behind it, and a channel app that asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.define.folder import read_folder
from engine.define.workspace import Compiled, compile_sources
from engine.model.condition import EMPTY
from engine.model.event import Event
from engine.model.ids import token
from engine.runtime.bells import Noted
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import FixedPlan, Running
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.caller import Caller
from tests.contract.shop import Recording

HOME = Path(__file__).resolve().parents[1] / "cases/next_best"
NOW = 1_772_460_000_000  # 2026-03-02 14:00 UTC


@cache
def compiled() -> Compiled:
    """The workspace, without the journeys that say something to who becomes gold."""
    found = {name: text for name, text in read_folder(HOME).items() if "event: tier_changed" not in text}
    return compile_sources(found).sound()


class App:
    """A channel app over an interface of its own; `ask` asks about ana unless told otherwise."""

    def __init__(self, store: Store, built: Compiled | None = None) -> None:
        built = built or compiled()
        Clock(store).hold(NOW)
        plans = FixedPlan(Running(built.plan, built.renderer.render))
        self.engine = Engine(store, plans, FixedSenders(**{"*": Recording()}), Noted())
        self.app = create_app(self.engine, Keys(["k" * 20]))
        self.asker = self.app.state.asker
        self.call = Caller(self.app, x_api_key="k" * 20)

    def ask(self, placement: str | Sequence[str] = "web.home", profile: Any = "customer_id:ana", **more: Any) -> Any:
        """The decoded answer; what is to be kept of it is written."""
        where = {"placement": placement} if isinstance(placement, str) else {"placements": list(placement)}
        found = self.call("POST", "/v1/decisions", json={"profile": profile, "budget_ms": 10_000, **where, **more})
        self.asker.behind.flush()
        return found.json()

    def happens(
        self, name: str, at: int = NOW, /, *, who: dict[str, str] | None = None, work: bool = True, **properties: Any
    ) -> None:
        """An event of a customer; with `work` it is processed as well."""
        who = who or {"customer_id": "ana"}
        id_ = token(name, str(who), str(at), str(properties))
        self.engine.accept([Event(id=id_, name=name, profile=who, at=at, received=at, properties=properties)])
        if work:
            drain(self.engine)

    def release(self, built: Compiled) -> None:
        """Another workspace is deployed."""
        plans = FixedPlan(Running(built.plan, built.renderer.render))
        object.__setattr__(self.engine, "plans", plans)
        self.asker.latest.look()

    def later(self, ms: int) -> None:
        """Time passes."""
        Clock(self.engine.store).hold(NOW + ms)
        self.asker.latest.look()

    def close(self) -> None:
        """Let go of it."""
        self.asker.close()


def priced(price: str, text: str = "", more: Mapping[str, str] = EMPTY) -> Compiled:
    """The workspace in which early access costs so much, or says what `text` makes of it."""
    text = text or (
        "{% extends layout %}{% block headline %}Early{% endblock %}{% block summary %}For you{% endblock %}"
        f"{{% block price %}}{price}{{% endblock %}}{{% block associate %}}It costs {price}{{% endblock %}}"
    )
    found = {name: each for name, each in read_folder(HOME).items() if "event: tier_changed" not in each}
    return compile_sources({**found, "templates/messages/early_access.j2": text, **more}).sound()
