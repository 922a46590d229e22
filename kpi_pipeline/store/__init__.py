"""State database: schema, migrations, unit of work, readers."""
