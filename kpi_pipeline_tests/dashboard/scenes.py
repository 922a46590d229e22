"""Every state that a page can be in, one scene each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline_tests.dashboard.declared import many, odd, shop

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
TYPES = ("GROCERY", "DRUG GM", "PRODUCE", "MEAT", None, "(other)")
LONG = tuple(
    f"{n:02} KIOSK-GAS, SEAFOOD & a department of a name that nobody would put on a label {n}"
    for n in range(28)
)
Fired = Literal["pending", "warn", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """How one pipeline does.

    Attributes:
        row_age: Of the newest row, at the last look.
        look_age: Of the last good look.
        sells: Whether something is committed every now and then.
        fails_after: The state database is away after so many good answers.
        values: Of metrics, where they are not what the figures say.
        fires: Of rules: how far they are.
        taken, muted: Whether what fires is acknowledged, or muted.
    """

    spec: PipelineSpec
    row_age: timedelta = 4 * SECOND
    look_age: timedelta = 3 * SECOND
    failing: str = ""
    sells: bool = False
    empty: bool = False
    fails_after: int | None = None
    filled: Mapping[str, int] = field(default_factory=dict)
    backlog: int = 0
    groups: tuple[str | None, ...] = TYPES
    values: Mapping[str, Decimal | None] = field(default_factory=dict)
    fires: Mapping[str, Fired] = field(default_factory=dict)
    taken: bool = False
    muted: bool = False
    drifted: int = 0
    audited: bool = True


GREAT = Decimal("-98765432109876543210.0000000000001")
FILLED = {"total_revenue": 42, "transaction_count": 42, "revenue_by_type": 42}
FILLED |= {"avg_order_value": 42, "unique_users": 7}
REFUSED = (
    'source database: connection failed: connection to server at "10.1.2.3", port 5432 failed: '
    "Connection refused"
)
BOTH: Mapping[str, Fired] = {"aov_low": "critical", "type_falls": "warn", "milestone": "pending"}
LOW = {"avg_order_value": Decimal("18.20")}
FELL = Decimal("0.375")
"""What is left of what a group that falls sold before: 62.5 % less."""
SAID: Mapping[str, tuple[Decimal, Decimal, str]] = {
    "aov_low": (Decimal("18.20"), Decimal("17.90"), "$18.20 < $20"),
    "type_falls": (Decimal("-62.5"), Decimal("-64.1"), "-62.5% < -50%"),
    "milestone": (Decimal(1000000001), Decimal(1000000001), "$1,000,000,001 > $1,000,000,000"),
}
"""What a rule found when it fired, the worst since, and the reason."""
SCENES = (
    Scene(spec=shop("live"), sells=True),
    Scene(spec=shop("quiet"), row_age=12 * MINUTE),
    Scene(spec=shop("late"), row_age=3 * HOUR),
    Scene(spec=shop("late_backlog"), backlog=8400),
    Scene(spec=shop("stalled"), look_age=25 * MINUTE),
    Scene(spec=shop("failing"), look_age=9 * MINUTE, failing=REFUSED),
    Scene(spec=shop("building"), filled=FILLED, sells=True),
    Scene(spec=shop("filling"), filled={"unique_users": 7}, sells=True),
    Scene(spec=shop("empty"), empty=True, audited=False),
    Scene(spec=shop("unreachable"), fails_after=1),
    Scene(spec=shop("firing"), fires=BOTH, sells=True, values=LOW),
    Scene(spec=shop("firing_warn"), fires={"aov_low": "warn"}),
    Scene(spec=shop("firing_taken"), fires=BOTH, taken=True),
    Scene(spec=shop("firing_muted"), fires=BOTH, muted=True),
    Scene(spec=shop("groups"), groups=(*LONG, None, "(other)")),
    Scene(
        spec=odd("odd"),
        values={
            "total_revenue": GREAT,
            "avg_order_value": None,
            "refunds_in_a_currency_without_cents": Decimal(-7),
            "median_wait": Decimal("93784.5"),
            "margin": Decimal("12.3456789"),
            "transaction_count": Decimal(0),
        },
    ),
    Scene(spec=shop("drift"), drifted=3),
    Scene(spec=shop("unverified"), audited=False),
    Scene(spec=many("many"), sells=True, fires=BOTH, values=LOW),
)
