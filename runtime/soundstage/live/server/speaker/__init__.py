"""The full-duplex speaker: what it hears, when it speaks, what it says."""
