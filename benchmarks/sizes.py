"""How much is measured: `small` in under three minutes, `full` as the targets are written."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size of a run.

    Attributes:
        rows: Of the table.
        rounds: How often each method is measured; the median counts.
        ticks: The same for what takes milliseconds.
        catch_ups: The same for memory, which hardly differs from one catch-up to the next.
        polls: Polls of a slow naive loop in each of three places; the rest is extrapolated.
        scale: Fractions of the rows at which `scale` measures.
        history: Days of history at which `state` measures.
        busy_days: Of them, those with rows in every minute; as long as minutes are kept.
    """

    name: str
    rows: int
    rounds: int = 3
    ticks: int = 7
    catch_ups: int = 3
    polls: int = 4
    scale: tuple[float, ...] = (0.01, 0.1, 1)
    history: tuple[int, ...] = (1, 365, 1826)
    busy_days: int = 36

    def but(self, rows: int | None, rounds: int | None) -> "Size":
        """The same with what the command line says otherwise."""
        return replace(self, rows=rows or self.rows, rounds=rounds or self.rounds)


SIZES = {
    size.name: size
    for size in (
        Size(
            name="toy",
            rows=2_000,
            ticks=1,
            polls=1,
            catch_ups=1,
            scale=(0.5, 1),
            history=(1, 40),
            busy_days=1,
        ),
        Size(name="small", rows=200_000, history=(1, 1826), catch_ups=1),
        Size(
            name="full",
            rows=10_000_000,
            polls=10,
            catch_ups=1,
            scale=(0.01, 0.03, 0.1, 0.3, 1),
            history=(1, 90, 365, 1826),
        ),
    )
}
