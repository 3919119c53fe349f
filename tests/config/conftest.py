"""A programme's file with one passage replaced."""

import pytest

from tests.config.catalogue import FILE


@pytest.fixture
def written(tmp_path):
    """The VLT file with one passage replaced, and the number of the line on which it stands."""

    def write(old: str, new: str):
        text = FILE.read_text(encoding="utf-8")
        assert old in text
        line = text[: text.index(old)].count("\n") + 1
        path = tmp_path / "vlt.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return str(path), line

    return write
