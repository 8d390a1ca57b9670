"""Everything that decides, as pure functions of records: no clock, no I/O, no randomness, no logging, no asyncio."""
