"""Write subscriptions.csv: a made-up year of subscriptions, in which the true chance of churn is known.

``python seeds/write_subscriptions.py`` writes the same file on every machine: it needs Python alone, and a generator
with a fixed seed draws every value. Only what ``chance`` takes has an effect: the plan, the active days of the month
and the support tickets of three months.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("subscriptions.csv")
YEAR, MONTHS = 2025, 12
AT_FIRST, NEW_PER_MONTH = 340, 40
PLANS = {"basic": 0.7, "plus": 0.0, "pro": -0.7}


def chance(plan: str, active_days: int, recent_tickets: int) -> float:
    """Return the true probability of a churn at the next renewal.

    Parameters
    ----------
    active_days
        Days of the month on which the service was used.
    recent_tickets
        Support tickets of this month and the two before.
    """
    log_odds = -3.6 + PLANS[plan] + 2.4 * (active_days < 8) + 1.6 * (recent_tickets >= 3)
    return 1 / (1 + math.exp(-log_odds))


def rows() -> Iterator[dict[str, Any]]:
    """Yield a row for each month of each subscription, in the order of the file."""
    draw = random.Random(YEAR)
    subscriptions = [_subscription(draw, number, int(draw.random() * 36)) for number in range(AT_FIRST)]
    for month in range(MONTHS):
        starts, ends = _month(month), _month(month + 1)
        for subscription in list(subscriptions):
            # How much somebody uses the service wanders from month to month.
            subscription["use"] = min(max(subscription["use"] + draw.uniform(-4, 4), 0), 28)
            active_days = min(max(round(subscription["use"] + draw.uniform(-2, 2)), 0), 28)
            tickets = sum(draw.random() < 0.15 for _ in range(4))
            subscription["tickets"] = [*subscription["tickets"][-2:], tickets]
            # One report in fifty is late, and not there yet when the subscription renews on the 10th.
            hours = draw.uniform(240, 480) if draw.random() < 0.02 else draw.uniform(6, 96)
            plan = subscription["plan"]
            is_churned = draw.random() < chance(plan, active_days, sum(subscription["tickets"]))
            yield {
                "subscription_id": subscription["id"],
                "month": f"{starts:%Y-%m-%d}",
                "plan": plan,
                "channel": subscription["channel"],
                "discount_percent": subscription["discount"],
                "months_subscribed": subscription["months"],
                "active_days": active_days,
                "support_tickets": tickets,
                "reported_at": ends + timedelta(minutes=round(hours * 60)),
                "renews_at": ends + timedelta(days=9),
                # What happens at the last renewal is still to come.
                "is_churned": "" if month == MONTHS - 1 else str(is_churned).lower(),
            }
            subscription["months"] += 1
            if is_churned:
                subscriptions.remove(subscription)
        first = AT_FIRST + month * NEW_PER_MONTH
        subscriptions += [_subscription(draw, first + number, 0) for number in range(NEW_PER_MONTH)]


def _subscription(draw: random.Random, number: int, months: int) -> dict[str, Any]:
    return {
        "id": f"S{number:04}",
        "plan": list(PLANS)[int(draw.random() * 3)],
        "channel": ("advert", "friend", "search")[int(draw.random() * 3)],
        "discount": (0, 10, 20)[int(draw.random() * 3)],
        "months": months,
        "use": draw.uniform(3, 25),
        "tickets": [],
    }


def _month(number: int) -> datetime:
    return datetime(YEAR + number // 12, number % 12 + 1, 1)


if __name__ == "__main__":
    with FILE.open("w", newline="") as file:
        written = list(rows())
        writer = csv.DictWriter(file, list(written[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(written)
