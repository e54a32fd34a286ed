"""A message shows what is true when it leaves, not what was true when its journey began."""

from __future__ import annotations

from tests.unit.journeys.starter import LINES, Life

ANA = {"customer_id": "ana", "email": "ana@example.com", "phone": "+33612345678"}


def known(locale: str = "en") -> Life:
    life = Life()
    life.event("2026-05-05T09:00:00Z", "profile_changed", profile=ANA, first_name="Ana", locale=locale)
    life.event("2026-05-05T09:00:00Z", "app_installed", push_token="t1")
    life.agree("2026-05-05T09:00:00Z", "email", "push", "sms")
    return life


def text(life: Life, message: str) -> str:
    """All parts of the last message of that name, one kind of space."""
    outgoing = next(each for each in reversed(life.outgoing) if each.message == message)
    return " ".join(" ".join(outgoing.rendered.parts.values()).split())


def test_a_reminder_lists_only_what_still_waits() -> None:
    life = known()
    life.event("2026-06-01T09:00:00Z", "order_ready", order_id="o1", store="lyon", lines=LINES)
    life.event("2026-06-01T09:00:05Z", "delivered", channel="push", message="order_ready")
    life.event("2026-06-02T09:00:00Z", "order_partly_collected", order_id="o1", lines=LINES[1:])
    life.until("2026-06-03T08:00:00Z")
    assert "1 item waits for you at Fernhill Lyon." in text(life, "collect_reminder")


def test_a_basket_that_changed_over_the_night_is_shown_as_it_is() -> None:
    life = known()
    life.event("2026-06-01T19:30:00Z", "basket_updated", basket_id="b1", total=154, lines=LINES)
    # held since 23:30 in Paris; in the small hours something is taken out
    life.event("2026-06-02T01:00:00Z", "basket_updated", basket_id="b1", total=25, lines=LINES[1:])
    life.until("2026-06-02T06:00:00Z")
    assert life.sent == ["basket_reminder by push 2026-06-02T06:00:00Z"]
    assert "1 item is kept for you." in text(life, "basket_reminder")


def test_stock_and_price_are_those_of_the_morning_it_leaves() -> None:
    # given a product that the catalogue does not know
    life = known("fr")
    life.event("2026-06-01T09:00:00Z", "interest_registered", sku="tent", wants="stock")
    life.say("2026-06-01T20:00:00Z", "stock_back", sku="tent", name="Low tent", price=129, stock=3)
    life.say("2026-06-01T23:00:00Z", "price_dropped", sku="tent", name="Low tent", price=99.9, was=129, stock=2)
    life.until("2026-06-02T06:00:00Z")
    assert life.sent == ["back_in_stock by push 2026-06-02T06:00:00Z"]
    assert "99,90 €" in text(life, "back_in_stock")
    assert "129" not in text(life, "back_in_stock")


def test_the_tier_that_is_told_is_the_newest() -> None:
    life = known()
    for hour, version, tier in ((9, 4, "silver"), (10, 6, "gold"), (11, 5, "silver")):
        life.say(f"2026-06-01T{hour:02}:00:00Z", "tier_changed", **{"from": "bronze", "to": tier, "version": version})
    life.until("2026-06-05T00:00:00Z")
    assert life.sent == ["tier_up by email 2026-06-02T11:00:00Z"]
    assert "Welcome to Gold" in text(life, "tier_up")


def test_the_associate_reads_what_to_say_and_the_customer_s_part_stays_apart() -> None:
    life = known("fr")
    life.say("2026-06-01T09:00:00Z", "product_viewed", sku="boots", name="Trail boots", price=129, in_stores=["lyon"])
    life.event("2026-06-01T14:00:00Z", "store_checked_in", channel="app", store="lyon")
    (prompt,) = life.outgoing
    assert (prompt.channel, prompt.address) == ("store", "lyon")
    assert "Chaussures de randonnée" in prompt.rendered.parts["associate"]
    assert prompt.rendered.parts["associate"] not in prompt.rendered.parts["body"]
    assert prompt.expires == prompt.at + 45 * 60_000


def test_a_message_without_the_optional_facts_still_leaves() -> None:
    # given events that carry no more than they must
    life = known()
    life.event("2026-06-01T08:00:00Z", "order_ready", order_id="o1")
    life.event("2026-06-01T08:30:00Z", "return_started", return_id="r1")
    life.event("2026-06-01T08:31:00Z", "return_received", return_id="r1")
    life.event("2026-06-01T08:32:00Z", "refund_paid", return_id="r1")
    life.event("2026-06-01T09:00:00Z", "basket_updated", basket_id="b1", total=20)
    life.until("2026-06-03T12:00:00Z")
    assert [record.reason for record in life.records if "render_failed" in record.reason] == []
    assert {line.split(" ")[0] for line in life.sent} >= {
        "order_ready", "return_receipt", "refund_paid", "basket_reminder", "basket_last_call", "collect_reminder",
    }  # fmt: skip


def test_a_review_is_asked_for_what_the_customer_keeps() -> None:
    life = known()
    life.say("2026-06-01T09:00:00Z", "order_delivered", order_id="o1", lines=LINES)
    life.say("2026-06-02T09:00:00Z", "return_started", return_id="r1", order_id="o1", lines=[{"sku": "boots"}])
    life.until("2026-06-05T12:00:00Z")
    shown = text(life, "review_request")
    assert "Wool socks" in shown
    assert "Trail boots" not in shown
