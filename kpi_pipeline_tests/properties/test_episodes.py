from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.judgement import Episodes, Judgement, judge_all
from kpi_pipeline.model.episode import Episode, Phase
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.notice import Notice, NoticeKind
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Threshold
from kpi_pipeline_tests.unit.builders import AS_OF, reading, shop, snapshot

SPEC = shop(
    "warn_below: 30",
    """critical_below: 20
      warn_below: 30
      clear_above: 35
      warn_above: 90
      clear_below: 85
      min_count: 10""",
)
values = st.none() | st.sampled_from(["0", "19", "20", "29", "32", "40", "87", "95", "NaN"])
looks = st.tuples(st.integers(1, 9), values, st.sampled_from([5, 100]), st.booleans())
histories = st.lists(looks, max_size=40)
rules = st.builds(
    replace,
    st.just(SPEC.thresholds["low"]),
    lasting=st.sampled_from([timedelta(0), timedelta(minutes=6)]),
)


def declared(rule: Threshold) -> PipelineSpec:
    return replace(SPEC, thresholds={"low": rule})


def replay(spec: PipelineSpec, history: list[tuple[int, str | None, int, bool]]) -> list[Judgement]:
    """The judgements of one history, each upon the episodes that the one before it left."""
    known: Episodes = {}
    as_of, judgements = AS_OF, list[Judgement]()
    for minutes, value, rows, building in history:
        as_of += minutes * MINUTE
        found: Reading = replace(reading(value, rows=rows), building=building)
        judgements.append(judge_all(spec, snapshot(found, as_of=as_of), known))
        known = {(item.rule, item.dims): item for item in judgements[-1].episodes}
    return judgements


def notices(judgements: list[Judgement]) -> list[Notice]:
    return [message for judgement in judgements for _, message in judgement.notices]


def episodes(judgements: list[Judgement]) -> list[Episode]:
    return [judgement.episodes[0] for judgement in judgements]


@given(rules, histories)
def test_a_fire_and_a_resolve_take_turns(
    rule: Threshold, history: list[tuple[int, str | None, int, bool]]
) -> None:
    kinds = [n.kind for n in notices(replay(declared(rule), history))]
    turns = [kind for kind in kinds if kind is not NoticeKind.ESCALATE]

    assert turns[::2] == [NoticeKind.FIRE] * len(turns[::2])
    assert turns[1::2] == [NoticeKind.RESOLVE] * len(turns[1::2])


@given(rules, histories)
def test_each_message_is_said_once(
    rule: Threshold, history: list[tuple[int, str | None, int, bool]]
) -> None:
    keys = [message.key for message in notices(replay(declared(rule), history))]

    assert len(keys) == len(set(keys))


@given(rules, histories)
def test_within_an_episode_the_level_never_falls_and_the_number_stays(
    rule: Threshold, history: list[tuple[int, str | None, int, bool]]
) -> None:
    found = episodes(replay(declared(rule), history))

    for before, after in pairwise(found):
        if before.phase is after.phase is Phase.FIRING:
            assert after.level.rank >= before.level.rank
            assert after.number == before.number


@given(rules, histories)
def test_only_a_healthy_value_ends_an_episode(
    rule: Threshold, history: list[tuple[int, str | None, int, bool]]
) -> None:
    found = episodes(replay(declared(rule), history))

    for (before, after), (_, value, rows, building) in zip(
        pairwise(found), history[1:], strict=False
    ):
        if before.phase is Phase.FIRING and after.phase is not Phase.FIRING:
            assert value is not None
            assert Decimal(35) <= Decimal(value) <= Decimal(85)
            assert (rows, building) == (100, False)


@given(rules, histories)
def test_every_message_comes_with_its_line_in_the_log(
    rule: Threshold, history: list[tuple[int, str | None, int, bool]]
) -> None:
    for judgement in replay(declared(rule), history):
        assert len(judgement.notices) <= len(judgement.transitions)
