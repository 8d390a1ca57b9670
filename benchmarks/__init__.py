"""How fast Tocsin is on this machine. Every figure beside the same work done by less."""
