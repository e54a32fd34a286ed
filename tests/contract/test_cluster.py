"""A cluster in trouble: a node dies, a slot moves, functions are gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.model.errors import SetupError
from engine.model.ids import profile_id, shard_of
from engine.runtime import keys
from engine.runtime.app import make_app
from engine.runtime.clock import Clock
from engine.runtime.embedded import broker_url_of
from engine.runtime.pump import drain
from engine.runtime.shard_data import Append
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.cluster import Cluster, cluster, wait_for
from tests.contract.shop import HOUR, START, Recording, agreed, happened, joined, shop

CUSTOMERS = 12  # of whom each node has some


@pytest.fixture
def doubled(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path, replicas=True) as made:
        yield made


def test_a_node_dies_its_replica_takes_over_and_nothing_is_lost(doubled: Cluster) -> None:
    # given customers on all three nodes who were welcomed and wait for their offer
    store, provider = Store.open(doubled.url), Recording()
    engine = shop(store, provider)
    people = [f"c{number}" for number in range(CUSTOMERS)]
    engine.accept([event for who in people for event in (agreed(f"a-{who}", customer=who), joined(f"j-{who}", who))])
    drain(engine)
    victim = doubled.primary_of(keys.inbox(shard_of(profile_id("customer_id", people[0]))))
    replica = doubled.replicas[doubled.primaries.index(victim)]
    wait_for(lambda: _caught_up(victim.client))
    # when the node of one of them is killed, and a minute later newcomers come and the offers are due
    victim.kill()
    engine.accept([joined("j-late", "late"), joined("j-again", people[0])])
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    # then the replica serves the shards of the dead node, and everybody has had each message once
    assert replica.client.role()[0] == b"master"
    sent = [(each.label, each.message) for each in provider.sent]
    assert len(sent) == len(set(sent))
    assert {label for label, message in sent if message == "offer"} == {f"customer_id:{who}" for who in people}
    assert ("customer_id:late", "welcome") in sent
    store.close()


def test_a_slot_that_moves_is_followed(three_nodes: Cluster) -> None:
    three_nodes.empty()
    store = Store.open(three_nodes.url)
    source, target, third = three_nodes.primaries
    who = next(f"p{n}" for n in range(1000) if three_nodes.primary_of(_inbox(f"p{n}")) is source)
    slot = int(source.client.execute_command("CLUSTER KEYSLOT", _inbox(who)))
    source.client.delete(_inbox(who))  # an empty slot moves without copying
    # given a slot that is on its way to another node, then a key that has arrived there is found
    target.client.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", source.name)
    source.client.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", target.name)
    store.redis.pipeline().hset(keys.profile(shard_of(who), who), "b", b"blob").execute()
    assert store.shards.profiles([who]) == {who: b"blob"}
    # when all of it has arrived, then functions run there
    for node in (target, source, third):
        node.client.execute_command("CLUSTER SETSLOT", slot, "NODE", target.name)
    assert store.shards.append([Append(who, "e1", b"one"), Append(who, "e1", b"one")])[1] == ("", "")
    assert target.client.xlen(_inbox(who)) == 1
    target.client.flushall()
    for node in (source, target, third):
        node.client.execute_command("CLUSTER SETSLOT", slot, "NODE", source.name)
    store.close()


def test_functions_that_a_server_has_lost_come_back(store: Store) -> None:
    engine = shop(store, provider := Recording())
    engine.accept([agreed(), joined()])
    store.redis.function_flush()
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    store.redis.function_flush()
    drain(engine)
    store.redis.function_flush()
    assert store.tokens("email", 10, 1, 1)[0] == 1  # one call alone heals as well
    assert [each.message for each in provider.sent] == ["welcome", "offer"]
    assert happened(store)[-1] == ("ended", "completed")


def test_a_cluster_needs_a_broker_of_its_own() -> None:
    url = "redis+cluster://127.0.0.1:7000,127.0.0.1:7001"
    with pytest.raises(SetupError, match="PARCOURS_BROKER_URL"):
        broker_url_of(url)
    app = make_app(load(redis_url=url, broker_url="redis://127.0.0.1:6379/0"))
    assert app.conf.redbeat_redis_url == "redis://127.0.0.1:6379/0"  # its clock is kept there, not on the cluster
    with pytest.raises(SetupError, match="No Redis answers"):
        Store.open("redis+cluster://127.0.0.1:1")
    with pytest.raises(SetupError, match="with a port for each"):
        Store.open("redis+cluster://redis-one,redis-two")


def _inbox(profile: str) -> str:
    return keys.inbox(shard_of(profile))


def _caught_up(primary: Any) -> bool:
    about = primary.info("replication")
    return bool(about["connected_slaves"] == 1 and about["slave0"]["offset"] == about["master_repl_offset"])
