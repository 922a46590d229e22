"""One profile for every law: the same examples at each run, and no limit on time."""

from hypothesis import settings

settings.register_profile("laws", derandomize=True, max_examples=150, deadline=None, database=None)
settings.load_profile("laws")
