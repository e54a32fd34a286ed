"""The servers that hold the state: are they the right ones, do they keep what they are told, have they room?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.model.words import Words
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, warn
from engine.runtime.store import StoreError

OLDEST = 7  # Redis functions


def servers(patient: Patient) -> Iterator[Finding]:
    """Version, persistence, eviction and memory of each server."""
    for name, server in patient.store.servers():
        info = server.info()
        yield _version(name, info)
        yield from _persistence(name, info, _setting(server, "appendfsync"))
        yield _eviction(name, info)
        yield from _memory(name, info)
        yield _replicas(name, info)


def _version(name: str, info: Mapping[str, Any]) -> Finding:
    version = str(info.get("valkey_version") or info.get("redis_version"))
    kind = "Valkey" if info.get("valkey_version") else "Redis"
    if int(version.partition(".")[0]) < OLDEST:
        return bad(
            name,
            Words("{kind} {version} has no functions", kind=kind, version=version),
            Words("Use {kind} {oldest} or later.", kind=kind, oldest=OLDEST),
        )
    return ok(
        name, Words("{kind} {version}, up {get} days", kind=kind, version=version, get=info.get("uptime_in_days", 0))
    )


def _persistence(name: str, info: Mapping[str, Any], fsync: str) -> Iterator[Finding]:
    what = Words("{name} persistence", name=name)
    if not int(info.get("aof_enabled", 0)):
        yield bad(
            what, Words("no append-only file: a killed server loses what it was told"), Words("Set `appendonly yes`.")
        )
    elif str(info.get("aof_last_write_status", "ok")) != "ok":
        yield bad(
            what,
            Words("the last write to the append-only file failed"),
            Words("Make room on its disk, and look into its log."),
        )
    elif fsync == "no":
        yield warn(
            what,
            Words("append-only file, flushed when the system likes: a power cut loses half a minute"),
            Words("Use everysec."),
        )
    elif not fsync:
        yield ok(what, Words("append-only file; how often it is flushed cannot be asked here"))
    else:
        loses = Words("a power cut loses nothing") if fsync == "always" else Words("a power cut loses the last second")
        yield ok(what, Words("append-only file, {fsync}: {loses}", fsync=fsync, loses=loses))
    if str(info.get("rdb_last_bgsave_status", "ok")) != "ok":
        yield warn(
            what,
            Words("the last snapshot failed"),
            Words("Look into the server's log; its disk or memory may be short."),
        )


def _eviction(name: str, info: Mapping[str, Any]) -> Finding:
    policy = str(info.get("maxmemory_policy", ""))
    if policy == "noeviction":
        return ok(Words("{name} eviction", name=name), Words("noeviction"))
    if not int(info.get("maxmemory", 0)):
        return warn(
            Words("{name} eviction", name=name),
            Words("{policy}, without a limit yet", policy=policy),
            Words("Set `maxmemory-policy noeviction`."),
        )
    return bad(
        Words("{name} eviction", name=name),
        Words("{policy}: when memory is short, customers are thrown away", policy=policy),
        Words("Set `maxmemory-policy noeviction`."),
    )


def _memory(name: str, info: Mapping[str, Any]) -> Iterator[Finding]:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    found = Words("{used:,.0f} MB", used=used / 1e6) + (Words(" of {most:,.0f} MB", most=most / 1e6) if most else "")
    if most and used > 0.95 * most:
        yield bad(
            Words("{name} memory", name=name),
            found,
            Words("Raise maxmemory now: at the limit no event is accepted any more."),
        )
    elif most and used > 0.8 * most:
        yield warn(
            Words("{name} memory", name=name),
            found,
            Words("Raise maxmemory, or shorten what is kept (PARCOURS_TIMELINE)."),
        )
    else:
        yield ok(Words("{name} memory", name=name), found)


def _replicas(name: str, info: Mapping[str, Any]) -> Finding:
    count = int(info.get("connected_slaves", 0))
    return ok(
        Words("{name} replicas", name=name),
        str(count) if count else Words("none: when this machine is lost, so is what it held"),
    )


def _setting(server: Any, name: str) -> str:
    """A setting of a server; '' where that may not be asked (as with many rented ones)."""
    try:
        return str(server.config_get(name).get(name, ""))
    except StoreError:
        return ""
