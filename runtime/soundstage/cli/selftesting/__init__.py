"""`soundstage selftest`: whether the expectations of a scenario catch planted faults."""
