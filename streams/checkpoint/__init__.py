"""What a role keeps over a restart: its state in a log of its own, or only the place where reading begins."""

from streams.checkpoint.start import own_positions, rebuild, resume

__all__ = ["own_positions", "rebuild", "resume"]
