"""`soundstage bots`: the transports to bots, and what each of them adds to a response gap."""
