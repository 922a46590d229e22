"""Pure arithmetic: partials, windows, snapshots, rules, episodes, messages. No I/O and no clock."""
