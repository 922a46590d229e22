"""From `tests/*.yaml`, beside a declaration, to checked `Case`s."""
