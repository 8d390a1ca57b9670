"""`tocsin demo`: the whole of Tocsin on one machine, with a made-up county and a scenario that plays there."""
