"""Of the data layer, what needs no database."""
