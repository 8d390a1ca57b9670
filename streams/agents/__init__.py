"""The roles' loops around the core: take a batch, call the core, send what it says, done. Nothing is decided here."""
