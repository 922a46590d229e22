"""Any other SQL database: bounded detection by lookback, aggregation by GROUP BY.

SQLAlchemy connects and writes the statements; sqlglot writes the declared expressions in the
database's dialect. What differs between databases stands in one file each, `sqlite.py` and so on.
"""
