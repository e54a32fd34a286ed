"""What `report:` means where a workspace does not say: the words of the starter's vocabulary and of the example's."""

from __future__ import annotations

from typing import Any

_SURVEY = {"event": "survey_answered", "score": "score"}
OWN: dict[str, Any] = {
    "purchases": {"order_placed": {"revenue": "total", "margin": "margin", "id": "order_id"}},
    "refunds": {"refund_paid": {"revenue": "amount", "id": "return_id"}},
    "satisfaction": {
        "csat": {**_SURVEY, "only": {"survey": ["visit", "delivery", "case"]}, "good": 8},
        "nps": {**_SURVEY, "only": {"survey": "nps"}},
        "ces": {**_SURVEY, "only": {"survey": "effort"}},
    },
    "baskets": {"touched": ["basket_updated", "basket_created"], "by": "basket_id", "emptied": ["basket_emptied"]},
    "answers": {
        "asked": "case_opened",
        "answered": ["case_answered", "case_closed"],
        "by": "case_id",
        "within": {"social": "10m", "others": "30m"},
    },
    "assisted": {"event": "sale_assisted", "by": "order_id"},
    "collected": "order_collected",
}
