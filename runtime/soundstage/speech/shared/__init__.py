"""Each distinct sound of a run is judged and recognised once, for all who hear it."""
