"""What a partial is made of: one file a statistic, each with its zero, its merge and its value."""
