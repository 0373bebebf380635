"""Soundstage: an actor runtime for realtime voice agents."""
