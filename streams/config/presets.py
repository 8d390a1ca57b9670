"""The shipped presets of detectors: `detectors/presets/NAME.yaml`."""

from pathlib import Path

from ruamel.yaml import YAML

import detectors
from detectors.preset import Preset

FOLDER = Path(detectors.__file__).parent / "presets"


def preset_names() -> list[str]:
    """What there is."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load_preset(name: str) -> Preset:
    """The preset of this name; a LookupError names those there are."""
    if name not in preset_names():
        raise LookupError(f"there is no preset {name!r}; there are {', '.join(preset_names())}")
    return Preset.of(YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text("utf-8")))
