"""PostgreSQL 13 to 18: exact detection by transaction horizon, aggregation by GROUP BY."""
