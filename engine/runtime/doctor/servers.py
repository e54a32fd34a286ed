"""The servers that hold the state: are they the right ones, do they keep what they are told, have they room?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
        return bad(name, f"{kind} {version} has no functions", f"Use {kind} {OLDEST} or later.")
    return ok(name, f"{kind} {version}, up {info.get('uptime_in_days', 0)} days")


def _persistence(name: str, info: Mapping[str, Any], fsync: str) -> Iterator[Finding]:
    what = f"{name} persistence"
    if not int(info.get("aof_enabled", 0)):
        yield bad(what, "no append-only file: a killed server loses what it was told", "Set `appendonly yes`.")
    elif str(info.get("aof_last_write_status", "ok")) != "ok":
        yield bad(
            what, "the last write to the append-only file failed", "Make room on its disk, and look into its log."
        )
    elif fsync == "no":
        yield warn(
            what, "append-only file, flushed when the system likes: a power cut loses half a minute", "Use everysec."
        )
    elif not fsync:
        yield ok(what, "append-only file; how often it is flushed cannot be asked here")
    else:
        loses = "a power cut loses nothing" if fsync == "always" else "a power cut loses the last second"
        yield ok(what, f"append-only file, {fsync}: {loses}")
    if str(info.get("rdb_last_bgsave_status", "ok")) != "ok":
        yield warn(what, "the last snapshot failed", "Look into the server's log; its disk or memory may be short.")


def _eviction(name: str, info: Mapping[str, Any]) -> Finding:
    policy = str(info.get("maxmemory_policy", ""))
    if policy == "noeviction":
        return ok(f"{name} eviction", "noeviction")
    if not int(info.get("maxmemory", 0)):
        return warn(f"{name} eviction", f"{policy}, without a limit yet", "Set `maxmemory-policy noeviction`.")
    return bad(
        f"{name} eviction",
        f"{policy}: when memory is short, customers are thrown away",
        "Set `maxmemory-policy noeviction`.",
    )


def _memory(name: str, info: Mapping[str, Any]) -> Iterator[Finding]:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    found = f"{used / 1e6:,.0f} MB" + (f" of {most / 1e6:,.0f} MB" if most else "")
    if most and used > 0.95 * most:
        yield bad(f"{name} memory", found, "Raise maxmemory now: at the limit no event is accepted any more.")
    elif most and used > 0.8 * most:
        yield warn(f"{name} memory", found, "Raise maxmemory, or shorten what is kept (PARCOURS_TIMELINE).")
    else:
        yield ok(f"{name} memory", found)


def _replicas(name: str, info: Mapping[str, Any]) -> Finding:
    count = int(info.get("connected_slaves", 0))
    return ok(f"{name} replicas", str(count) if count else "none: when this machine is lost, so is what it held")


def _setting(server: Any, name: str) -> str:
    """A setting of a server; '' where that may not be asked (as with many rented ones)."""
    try:
        return str(server.config_get(name).get(name, ""))
    except StoreError:
        return ""
