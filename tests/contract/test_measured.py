"""The measures over an archive that a real engine has written, with a merge in it, in segments and in tables."""

from __future__ import annotations

from pathlib import Path

from engine.model.event import Event
from engine.report.archive.place import open_place
from engine.report.archive.reading import connect
from engine.report.archive.work import turn
from engine.report.measures.basis import Basis, window_of
from engine.report.measures.every import MEASURES
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.archiving import FOREVER
from tests.contract.shop import HOUR, START, Recording, compiled, shop


def did(id_: str, hours: int, name: str, channel: str, total: float | None = None, **profile: str) -> Event:
    at, properties = START + hours * HOUR, {"total": total} if total is not None else {}
    return Event(id=id_, name=name, profile=profile, at=at, received=at, channel=channel, properties=properties)


def test_two_profiles_that_turn_out_to_be_one_are_one_customer_on_two_channels(redis_url: str, tmp_path: Path) -> None:
    # given one who looks on the web under an address, and buys at the till with a card, before both are known to be one
    store = Store.open(redis_url)
    engine = shop(store, Recording())
    engine.accept([did("e1", 0, "page_viewed", "web", email="ana@fernhill.example")])
    engine.accept(
        [did("e2", 0, "order_placed", "store", 10.1, card="k1"), did("e3", 0, "page_viewed", "web", card="k2")]
    )
    drain(engine)
    engine.accept([did("e4", 0, "order_placed", "store", 0.2, card="k1", email="ana@fernhill.example")])
    drain(engine)
    place = open_place(str(tmp_path / "archive"))
    assert turn(store, place, 10)
    plan = compiled().plan

    # then it is so in segments and in tables
    for _ in range(2):
        with connect(place, tmp_path / "cache") as db:
            basis = Basis(db, window_of(db, plan), plan)
            found = {each.name: each.run(basis) for each in MEASURES}
        assert found["reach"].tables[0].rows == ((1, 1, 0.5, 0), (2, 1, 0.5, 1))
        assert found["value"].tables[0].rows[1][:5] == (2, 1, 1, 2, 10.3)
        turn(store, place, 10, today=FOREVER)
    assert place.names("events/")
    assert not place.names("segments/")
    store.close()
