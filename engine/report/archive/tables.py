"""The tables of the archive: their columns, for people and for DuckDB. The schema is a contract: a change that is more
than a new column raises manifest.SCHEMA."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, DuckDB's type, what it holds, and how it is read from a line of a segment."""

    name: str
    type: str
    about: str
    read: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what one row of it is, and which list of a segment's lines its rows are (`each`; '': the line itself,
    where `has` is there)."""

    name: str
    about: str
    columns: tuple[Column, ...]
    each: str = ""
    has: str = ""


def of_line(name: str, type_: str, about: str) -> Column:
    return Column(name, type_, about, name)


def text(name: str, about: str, field: str = "") -> Column:
    """A text of one element; '' where there is none."""
    return Column(name, "VARCHAR", about, f"coalesce(one.\"{field or name}\", '')")


def number(name: str, type_: str, about: str, field: str = "") -> Column:
    return Column(name, type_, about, f'one."{field or name}"')


def json(name: str, about: str, field: str = "") -> Column:
    """Plain data as JSON text; NULL where there is none."""
    return Column(name, "VARCHAR", about, f'CAST(one."{field or name}" AS VARCHAR)')


ENTRY = (
    of_line("segment", "BIGINT", "the segment that brought it; with the next three columns the order"),
    of_line("shard", "SMALLINT", "the shard of its customer, 0 to 255; below: the installation"),
    of_line("logged", "BIGINT", "when it was logged, epoch ms of the server's time"),
    of_line("n", "INTEGER", "its number within that millisecond"),
)
PLACE = of_line("place", "INTEGER", "its place within its entry of the log, from 0")
WHO = (
    of_line("decided", "BIGINT", "when it was decided, epoch ms of engine time"),
    Column("profile", "VARCHAR", "the customer, by the id of the profile; '' for nobody", "coalesce(profile, '')"),
    of_line("plan", "VARCHAR", "the fingerprint of the plan that decided"),
)
STOPPED = of_line("stopped", "VARCHAR", "what was paused or killed then, and which channels rested (JSON)")

EVENTS = Table(
    "events",
    "one event that was decided about",
    (
        *ENTRY,
        Column("place", "INTEGER", PLACE.about, "one.place"),
        *WHO,
        text("event", "its name", "name"),
        text("id", "its own id"),
        number("happened", "BIGINT", "when it happened, epoch ms", "at"),
        number("received", "BIGINT", "when it reached us, epoch ms"),
        text("channel", "the channel it came by"),
        text("note", "what taking it in has changed"),
        Column("depth", "INTEGER", "how many `emit` steps lie behind it", "coalesce(one.depth, 0)"),
        Column("dead", "BOOLEAN", "it was set aside, without effect", "coalesce(one.dead, false)"),
        json("properties", "its properties (JSON); may be personal"),
        json("identifiers", "the identifiers it came with (JSON); personal", "profile"),
        text("label", "what a customer is called who began with it; personal"),
        STOPPED,
    ),
    each="events",
)
COMMANDS = Table(
    "commands",
    "anything else that was decided about: a timer, a message that wants to leave, a provider's answer, a merge",
    (
        *ENTRY,
        Column("place", "INTEGER", PLACE.about, "one.place"),
        *WHO,
        text(
            "command", "`wake`, `leave`, `settle`, `recover`, `back`, `set_aside`, `order`, `erase`, `lost` or `dead`"
        ),
        text("id", "the message; the entry of the inbox; a hash of who was erased"),
        json("given", "all of it (JSON); an order is personal"),
        STOPPED,
    ),
    each="commands",
)
OUTCOMES = Table(
    "outcomes",
    "one thing that came of a decision: started, sent, held, refused, ended ...",
    (
        *ENTRY,
        PLACE,
        *WHO,
        text("kind", "what happened: the kind of the record"),
        text("journey", "the journey"),
        text("version", "the version of its steps"),
        text("step", "the step"),
        text("key", "the key of the run; may be personal"),
        text("id", "the message, or the run"),
        text("message", "the name of the message"),
        text("channel", "the channel"),
        text("purpose", "the purpose of the message"),
        Column("rule", "VARCHAR", "the rule that decided", "split_part(coalesce(one.reason, ''), ':', 1)"),
        text("reason", "the rule, and what was observed; may be personal"),
        text("file", "file:line of the rule or the step", "place"),
        number("until", "BIGINT", "until when, epoch ms"),
        json("extra", "further facts (JSON); may be personal"),
    ),
    each="outcomes",
)
STEPS = Table(
    "steps",
    "one step that a run came to and that makes no outcome of its own",
    (
        *ENTRY,
        PLACE,
        *WHO,
        text("journey", "the journey", "j"),
        text("version", "the version of its steps", "v"),
        text("step", "the step", "s"),
        text("verb", "its verb", "m"),
        text("key", "the key of the run; may be personal", "y"),
        text("id", "the run", "i"),
        text("reason", "which way was taken, and why; may be personal", "r"),
        text("file", "file:line of the step", "p"),
        number("until", "BIGINT", "when time moves it on, epoch ms", "u"),
    ),
    each="steps",
)
DECISIONS = Table(
    "decisions",
    "one answer of the next best action",
    (
        *ENTRY,
        *WHO,
        text("id", "the id of the decision"),
        text("request", "the asker's own id; '' for none"),
        text("placement", "the placement that asked"),
        text("channel", "its channel"),
        number("snapshot", "BIGINT", "the number of what had been learned; 0: nothing"),
        text("audience", "the segment that the learner goes by", "segment"),
        text("arm", "the arm of the control group"),
        json("context", "what the asker said (JSON); may be personal"),
        number("shown", "VARCHAR[]", "the actions shown, best first"),
        number("fallback", "BOOLEAN", "nothing was left, and a fallback was shown"),
        json("candidates", "what reached arbitration, with its factors (JSON)"),
        number("others", "INTEGER", "how many more there were"),
        json("removed", "what a stage took out, and by which rule (JSON)"),
        number("explore", "DOUBLE", "the share of the days on which a lot decides who comes first"),
        json("figures", "the prices and amounts that it says (JSON): `products/boots.price` -> 129"),
    ),
    has="decision",
)
AUDIT = Table(
    "audit",
    "one thing that an operator did: deploy, pause, resume, kill, merge, erase",
    (
        *ENTRY,
        of_line("decided", "BIGINT", "when, epoch ms of engine time"),
        of_line("what", "VARCHAR", "what was done"),
        of_line("who", "VARCHAR", "who did it"),
        Column("details", "VARCHAR", "on what, and how (JSON)", "CAST(details AS VARCHAR)"),
    ),
    has="what",
)
LESSONS = Table(
    "lessons",
    "one snapshot of what was learned of actions",
    (
        *ENTRY,
        of_line("decided", "BIGINT", "when it was made, epoch ms of engine time"),
        number("number", "BIGINT", "its number, by which decisions name it"),
        json("given", "what it has added to the one before, by shard (JSON)"),
    ),
    has="lesson",
)
TABLES = (EVENTS, COMMANDS, OUTCOMES, STEPS, DECISIONS, AUDIT, LESSONS)

# What a line of a segment holds. Types are said, never guessed from what happens to be there.
LINE = {
    "shard": "SMALLINT",
    "logged": "BIGINT",
    "n": "INTEGER",
    "decided": "BIGINT",
    "profile": "VARCHAR",
    "plan": "VARCHAR",
    "events": 'STRUCT(place INTEGER, name VARCHAR, id VARCHAR, "at" BIGINT, received BIGINT, channel VARCHAR, '
    "note VARCHAR, depth INTEGER, dead BOOLEAN, properties JSON, profile JSON, label VARCHAR)[]",
    "commands": "STRUCT(place INTEGER, command VARCHAR, id VARCHAR, given JSON)[]",
    "outcomes": "STRUCT(kind VARCHAR, journey VARCHAR, version VARCHAR, step VARCHAR, key VARCHAR, id VARCHAR, "
    "message VARCHAR, channel VARCHAR, purpose VARCHAR, reason VARCHAR, place VARCHAR, until BIGINT, extra JSON)[]",
    "steps": "STRUCT(j VARCHAR, v VARCHAR, s VARCHAR, m VARCHAR, y VARCHAR, i VARCHAR, r VARCHAR, p VARCHAR, "
    "u BIGINT)[]",
    "stopped": "VARCHAR",
    "decision": "STRUCT(id VARCHAR, request VARCHAR, placement VARCHAR, channel VARCHAR, snapshot BIGINT, "
    "segment VARCHAR, arm VARCHAR, context JSON, shown VARCHAR[], fallback BOOLEAN, candidates JSON, others INTEGER, "
    "removed JSON, explore DOUBLE, figures JSON)",
    "lesson": "STRUCT(number BIGINT, given JSON)",
    "what": "VARCHAR",
    "who": "VARCHAR",
    "details": "JSON",
}


def rows_of(table: Table, lines: str) -> str:
    """SQL: the rows of a table out of a relation of lines (with their `segment`)."""
    chosen = ", ".join(f'CAST({each.read} AS {each.type}) AS "{each.name}"' for each in table.columns)
    if not table.each:
        one = f"SELECT *, {table.has} AS one FROM {lines} WHERE {table.has} IS NOT NULL"
    else:
        one = (
            f"SELECT * EXCLUDE ({table.each}), unnest({table.each}) AS one, "
            f"generate_subscripts({table.each}, 1) - 1 AS place FROM {lines} WHERE len({table.each}) > 0"
        )
    return f"SELECT {chosen} FROM ({one})"


def lines_of(files: str) -> str:
    """SQL: the lines of these segments (a list of SQL texts), each with the number of its segment."""
    types = ", ".join(f"{name}: '{type_}'" for name, type_ in LINE.items())
    number = "CAST(regexp_extract(filename, '([0-9]{12})[.]s000-255', 1) AS BIGINT)"
    return (
        f"SELECT * EXCLUDE (filename), {number} AS segment "
        f"FROM read_ndjson([{files}], columns = {{{types}}}, filename = true, maximum_object_size = 33554432)"
    )
