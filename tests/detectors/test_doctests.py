"""What the docstrings show is true."""

import doctest
import importlib
import pkgutil

import pytest

import detectors

MODULES = ["detectors", *(m.name for m in pkgutil.walk_packages(detectors.__path__, "detectors."))]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
