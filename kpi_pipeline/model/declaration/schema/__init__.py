"""`defs.yaml` as a JSON Schema: completion, hover texts and red lines in editors."""
