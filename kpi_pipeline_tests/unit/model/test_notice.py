from kpi_pipeline.model.notice import Level


def test_levels_rank_from_harmless_to_worst() -> None:
    assert sorted(Level, key=lambda level: level.rank) == [Level.NONE, Level.WARN, Level.CRITICAL]
