"""Pure vocabulary: metrics, windows, rules, snapshots, episodes, and their YAML."""
