"""The events of the Realtime protocol, what they are made of, and their JSON."""
