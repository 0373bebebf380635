"""The Live protocol on the wire: its events, its configuration, its codec."""
