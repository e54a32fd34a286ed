"""Each measure about customers on a few rows whose figures anybody can work out."""

from __future__ import annotations

from tests.unit.report.measures.small import END, START, Small, by_first, near, table

HOUR = 3_600_000
DAY = 24 * HOUR


def test_the_omnichannel_share_and_who_buys() -> None:
    made = Small().did("a", "1d", "seen", "web").did("a", "1d", "order_placed", "store", total=1)
    made.did("b", "1d", "seen", "app").did("c", "1d", "seen", "phone").did("d", "1d", "seen", "store")

    kinds = by_first(table(made.found("reach"), "Physical and digital"))

    assert kinds["physical and digital (omnichannel)"] == (1, 0.25, 1)
    assert kinds["neither"] == (1, 0.25, 0)


def test_retention_goes_by_the_channels_before_and_repeat_by_those_of_the_window() -> None:
    made = Small().did("a", START - DAY, "order_placed", "web", total=1).did("a", START - HOUR, "seen", "app")
    made.did("b", START - 90 * DAY, "order_placed", "web", total=1).did("x", START - 91 * DAY, "order_placed", total=1)
    made.did("a", "1d", "order_placed", "web", total=1).did("a", "3d", "order_placed", "web", total=1)
    found = made.found("retention")

    assert {key: row[:3] for key, row in by_first(table(found, "Retention")).items()} == {
        1: (1, 0, 0.0),
        2: (1, 1, 1.0),
    }
    ((channels, buyers, more, share, _, _, between),) = table(found, "Repeat")
    assert (channels, buyers, more, share, between) == (1, 1, 1, 1.0, 2 * DAY)


def test_churn_counts_open_windows_for_as_long_as_they_were_watched() -> None:
    made = Small()
    made.did("lost", "1d", "order_placed", total=1)  # 60 days later, on day 61
    made.did("back", "1d", "order_placed", total=1).did("back", "80d", "order_placed", total=1)  # was lost on the way
    made.did("true", "1d", "order_placed", total=1).did("true", "60d", "order_placed", total=1)  # open after 89 days
    made.did("new", "80d", "order_placed", total=1)  # open after 10 days
    found = made.found("churn")

    lost = {row[4]: row for row in table(found, "Until they are lost") if row[0] == "all"}
    again = {row[4]: row for row in table(found, "Until they buy again") if row[0] == "all"}
    assert lost[30][1:6] == (4, 2, 60.0, 30, 1.0)
    assert lost[60][5] == near(1 / 3)
    assert again[60][1:3] == (4, 2)
    assert again[60][5] == near(2 / 3)  # 59 of three at risk; the other two after 79, and not yet


def test_an_abandoned_basket_is_recovered_by_a_purchase_in_time() -> None:
    made = Small()
    made.did("a", "1d", "basket_updated", "web", basket_id="b1").did(
        "a", "1d1h", "basket_updated", "app", basket_id="b1"
    )
    made.did("a", "3d", "order_placed", "store", total=5)  # recovered; abandoned in the app on 1d3h
    made.did("b", "1d", "basket_updated", "web", basket_id="b2").did("b", "1d2h", "order_placed", "web", total=5)
    made.did("c", "1d", "basket_updated", "web", basket_id="b3").did(
        "c", "1d1h", "basket_emptied", "web", basket_id="b3"
    )
    made.did("d", "1d", "basket_updated", "web", basket_id="b4").did("d", "9d", "order_placed", "web", total=5)
    made.did("e", "89d", "basket_updated", "web", basket_id="b5")  # its week is not over
    made.did("f", "1d", "basket_updated", "web", basket_id=None)

    rows = by_first(table(made.found("abandonment"), "Abandoned baskets"))

    assert {key: row[:5] for key, row in rows.items()} == {"app": (1, 0, 1, 1, 1.0), "web": (2, 1, 1, 0, 0.0)}


def test_what_a_journey_recovers_is_more_than_what_comes_back_anyway() -> None:
    made = Small()
    for number in range(10):
        made.came(f"t{number}", "1d", "started", journey="j").came(
            f"h{number}", "1d", "started", {"arm": "holdout"}, journey="j"
        )
        if number < 6:
            made.did(f"t{number}", "2d", "order_placed", total=5)
        if number < 2:
            made.did(f"h{number}", "2d", "order_placed", total=5)
    made.came("late", "85d", "started", journey="j")  # its week is not over

    (row,) = table(made.found("abandonment"), "Incremental recovery")

    assert row[:6] == ("j", 10, 0.6, 10, 0.2, near(0.4))
    assert row[8] == near(4.0)


def test_satisfaction_belongs_to_the_last_channel_and_to_the_way_there() -> None:
    made = Small()
    made.did("a", "1d", "seen", "web").did("a", "2d", "seen", "store")
    made.did("a", "2d1h", "survey_answered", "email", survey="visit", score=9)
    made.did("b", "2d", "survey_answered", "email", survey="visit", score=7)  # nothing before it
    made.did("c", "1d", "seen", "app").did("c", "20d", "survey_answered", "email", survey="visit", score=3)  # long ago
    for number, score in enumerate((10, 9, 8, 6, None, "10", 11, -1)):
        made.did(f"n{number}", "5d", "survey_answered", "web", survey="nps", score=score)
    found = made.found("satisfaction")

    csat = {key: row[:2] for key, row in by_first(table(found, "CSAT by channel")).items()}
    assert csat == {"all": (3, 1 / 3), "store": (1, 1.0), "email": (2, 0.0)}
    assert table(found, "CSAT by transition")[1][:3] == ("web > store", 1, 1.0)
    assert table(found, "NPS by channel")[0][:3] == ("all", 4, 25.0)
    assert any(each.startswith("CES: nobody has answered") for each in found.lacks)


def test_cost_to_serve_beside_what_customers_bring() -> None:
    made = (
        Small()
        .did("a", "1d", "order_placed", total=100, margin=30)
        .did("b", "1d", "case_opened", "phone", case_id="k1")
    )
    made.came("a", "1d", "sent", channel="sms").came("a", "1d", "sent", channel="push").came(
        "b", "1d", "held", channel="sms"
    )
    made.came("a", START - 1, "sent", channel="sms").came("a", END, "sent", channel="sms")
    found = made.found("service")

    assert by_first(table(found, "What serving costs")) == {"case_opened": (1, 10.0), "messages by sms": (1, 2.0)}
    assert table(found, "Cost to serve against value") == [
        (1, 1, 0.0, None, 10.0, 10.0, None, 1),
        (2, 1, 100.0, 30.0, 2.0, 2.0, 0.02, 0),
    ]


def test_response_times_against_the_promise() -> None:
    made = Small()
    for number, (minutes, channel) in enumerate([(5, "social"), (15, "social"), (29, "web"), (45, "web")]):
        made.did("a", f"{number + 1}d", "case_opened", channel, case_id=f"k{number}")
        made.did("a", f"{number + 1}d{minutes}m", "case_answered", "phone", case_id=f"k{number}")
    made.did("a", END - 60_000, "case_opened", "web", case_id="open").did(
        "a", "9d", "case_opened", "web", case_id="never"
    )
    made.did("b", "9d1m", "case_answered", "web", case_id="never")  # of somebody else

    rows = by_first(table(made.found("service"), "Response times"))

    assert rows["social"][:8] == (2, 2, 10 * 60_000, 14.5 * 60_000, 10 * 60_000, 2, 1, 0.5)
    assert rows["web"][:2] == (4, 2)
    assert rows["web"][4:7] == (30 * 60_000, 3, 1)


def test_acts_that_others_come_to_know_are_those_that_happened_in_the_window_each_once() -> None:
    made = Small().did("a", "1d", "seen", "web", _received=START + DAY, _decided=START + DAY + 40)
    made.did("a", "1d", "seen", "web", _id="e0", _received=START + DAY, _decided=START + 9 * DAY)  # told once more
    made.did("a", START - 1, "seen", "app", _received=START + DAY, _decided=START + DAY)  # of the time before, late
    made.did("b", END - 1, "seen", "store", _received=END + 5, _decided=END + 65)  # in the window, and late

    rows = by_first(table(made.found("consistency"), "From an act on one channel until all others know"))

    assert {channel: row[:3] for channel, row in rows.items()} == {
        "all": (2, 40, 60),
        "web": (1, 40, 40),
        "store": (1, 60, 60),
    }


def test_between_the_channels() -> None:
    made = Small()
    made.did("a", "1d", "seen", "web").did("a", "3d", "order_placed", "store", total=40, order_id="o1")
    made.did("b", "3d", "order_placed", "store", total=60, order_id="o2").did(
        "b", "20d", "order_placed", "web", total=5
    )
    made.did("c", "3d", "order_placed", "web", total=10, order_id="o3")
    made.did("c", "5d", "order_collected", "store", order_id="o3").did("c", "5d1h", "order_placed", "store", total=7)
    made.did("d", "5d", "order_collected", "store", order_id="o9")
    made.did("b", "3d", "sale_assisted", "store", order_id="o2")

    rows = by_first(table(made.found("crossing"), "Between the channels"))

    assert (*rows["web-to-store"][:3], *rows["web-to-store"][5:]) == (3, 2, 2 / 3, 47.0, 47 / 107)
    assert rows["store-to-web"][:3] == (2, 0, 0.0)
    assert (*rows["click-and-collect attach"][:3], rows["click-and-collect attach"][5]) == (2, 1, 0.5, 7.0)
    assert (*rows["assisted"][:3], *rows["assisted"][5:]) == (5, 1, 0.2, 60.0, 60 / 122)
