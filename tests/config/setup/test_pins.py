import re
from importlib import metadata

from config.setup import pins


def test_every_package_of_the_environment_is_pinned_at_its_version():
    installed = {re.sub(r"[-_.]+", "-", package.name).lower(): package.version for package in metadata.distributions()}
    pinned = pins.known()
    differing = {name: version for name, version in installed.items() if pinned.get(name) != version}
    assert not differing, "Run `uv run manage.py pin` and commit pyproject.toml."


def test_pins_name_no_host():
    assert "://" not in pins.BLOCK.search(pins.PROJECT.read_text())[1]


def test_marker_stays_only_where_a_package_has_two_versions():
    resolved = ["a==1 ; sys_platform == 'win32'", "b==1 ; python_version < '3.12'", "b==2 ; python_version >= '3.12'"]
    assert pins._without_needless_markers(resolved) == ["a==1", *resolved[1:]]
