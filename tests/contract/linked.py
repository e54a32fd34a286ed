"""The small shop with links of our own in its messages: its public address, its secret, its engine."""

from __future__ import annotations

from functools import cache, partial

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.channels.signed_link import LinkSigner
from engine.define.workspace import Compiled, compile_sources
from engine.runtime.engine import Engine
from engine.runtime.outside import Installation
from engine.runtime.plans import FixedPlan, Running
from engine.runtime.store import Store
from tests.contract.caller import Caller
from tests.contract.shop import Recording, shop, sources

BASE = "https://links.fernhill.example"
SIGNER = LinkSigner(["a secret of the shop"])
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BRAND = """
brand:
  name: Fernhill
  links: {home: "https://fernhill.example/", sale: "https://fernhill.example/sale?colour={colour}"}
"""
POLICIES = """
policies:
  timezone: UTC
  purposes: {marketing: {}, statistics: {}, service: {transactional: true}}
  tracking: {purpose: statistics, clicks: true, opens: true}
"""
OFFER = """{% extends layout %}
{% block headline %}An offer{% endblock %}
{% block summary %}Ten percent{% endblock %}
{% block body %}Ten percent{% endblock %}
{% block action %}{{ ui.button("Take it", link("sale", colour="fern & moss")) }}{% endblock %}
"""


@cache
def compiled(policies: str = POLICIES) -> Compiled:
    """The shop, whose offer has a link."""
    files = sources(brand=BRAND, policies=policies) | {"templates/messages/offer.j2": OFFER}
    return compile_sources(files).sound()


def linked(store: Store, provider: Recording, built: Compiled | None = None) -> Engine:
    """The engine of a shop that has a public address."""
    built = built or compiled()
    held = shop(store, provider, built)
    render = partial(built.renderer.render, outside=Installation(store, BASE, SIGNER))
    return Engine(store, FixedPlan(Running(built.plan, render, built.renderer)), held.senders, held.bells)


def browser(engine: Engine, **headers: str) -> Caller:
    """A person who follows links."""
    return Caller(create_app(engine, Keys(["k" * 20]), SIGNER), **{"user_agent": BROWSER, **headers})
