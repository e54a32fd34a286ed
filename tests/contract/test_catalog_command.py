"""`parcours catalog`: what lies over the catalogue, for somebody at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.runtime.plans import publish
from engine.runtime.store import Store
from tests.contract.shop import sources
from tests.contract.test_catalog_http import BRAND, CATALOG


@pytest.fixture
def say(redis_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    publish(Store.open(redis_url), sources(catalog=CATALOG, brand=BRAND) | {"templates/locales/fr.po": ""})
    monkeypatch.setenv("PARCOURS_REDIS_URL", redis_url)
    monkeypatch.chdir(tmp_path)

    def told(*words: str) -> str:
        found = CliRunner().invoke(main, ["catalog", *words])
        assert found.exit_code == (1 if found.output.startswith("Error") else 0), found.output
        return found.output

    return told


def test_an_item_is_set_shown_listed_and_cleared(say) -> None:  # type: ignore[no-untyped-def]
    assert say("list") == "Nothing is put over the catalogue: it is as the release has it.\n"
    assert say("set", "products", "boots", "price=99.5", "stock=4", "online=yes").startswith(
        "products boots: price 99.5"
    )
    say("set", "products", "boots", "stock=3", "name.fr=Souliers", "seen=2025-11-25T10:00:00Z")
    shown = say("show", "products", "boots")
    assert "price            99.5   (the release: 129)\n" in shown
    assert "stock            3   (the release: none)\nonline           yes" in shown
    assert "name             fr: Souliers" in shown
    assert '"put": {"sku": "boots", "price": 99.5, "stock": 3, "online": true' in say("list", "products", "--json")
    assert say("clear", "products", "boots") == "products: boots as the release has it.\n"
    assert "(the release" not in say("show", "products", "boots")


def test_what_does_not_fit_is_refused_in_a_sentence(say) -> None:  # type: ignore[no-untyped-def]
    for words, said in (
        (("set", "product", "boots", "price=1"), "has no 'product'. Did you mean 'products'?"),
        (("set", "products", "boots", "prize=1"), "'prize' is not among the fields. Did you mean 'price'?"),
        (("set", "products", "boots", "price=cheap"), "'price' of item 'boots' is 'cheap', but number is declared."),
        (("set", "products", "boots", "price"), "Write FIELD=VALUE"),
        (("set", "vouchers", "saver", "low=1"), "parcours vouchers load"),
        (("show", "products", "boot"), "has no 'boot'. Did you mean 'boots'?"),
        (("clear", "products", "boots"), "Nothing was put over 'boots'"),
    ):
        assert said in say(*words)
    assert say("list", "--json") == ""
