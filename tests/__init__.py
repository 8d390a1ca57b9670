"""The tests of Tocsin. A package, so that `tests.servers` means this folder and no other distribution's."""
