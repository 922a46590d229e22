"""The words for channels when a person takes an episode over."""

from kpi_pipeline.compute.messages import group_text, key_of
from kpi_pipeline.model.episode import Episode
from kpi_pipeline.model.notice import LONGEST_HEADLINE, LONGEST_TEXT, Notice, NoticeKind, clip


def acknowledgement(pipeline: str, episode: Episode, why: str) -> Notice:
    """The message that an episode was taken over; one an episode and level.

    Args:
        pipeline: Its name.
        episode: As the person saw it.
        why: Such as `acknowledged by anna`.
    """
    key = key_of(pipeline, episode)
    group = f" ({group_text(episode.dims)})" if episode.dims else ""
    kind = NoticeKind.ACKNOWLEDGE
    return Notice(
        key=f"{key}/{kind.value}/{episode.level.value}",
        episode_key=key,
        pipeline=pipeline,
        rule=episode.rule,
        kind=kind,
        level=episode.level,
        text=clip(f"{episode.rule}{group}: {why}", LONGEST_TEXT),
        headline=clip(f"{pipeline}: {episode.rule}{group}", LONGEST_HEADLINE),
    )
