"""What the use cases ask of the world: a source, a store and channels."""
