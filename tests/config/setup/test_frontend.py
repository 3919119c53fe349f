import json

import pytest

from config.setup import frontend


def test_lock_names_no_host_and_pins_every_package_by_its_checksum():
    lock = json.loads(frontend.LOCK.read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in package for package in packages.values())
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())


def test_directory_with_the_stamp_of_this_lock_is_left_alone(front_end):
    assert frontend.install() is False
    assert all((front_end / target).is_file() for target in frontend.FILES.values())


def test_unreachable_registry_is_a_sentence_and_leaves_the_old_files(tmp_path, monkeypatch):
    directory = tmp_path / "frontend"
    directory.mkdir()
    (directory / "old.css").write_text("body {}")
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(frontend.FrontendError, match="Is the network reachable"):
        frontend.install(directory)
    assert (directory / "old.css").exists()


def test_machine_without_npm_and_installer_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("UV", raising=False)
    with pytest.raises(frontend.FrontendError, match="There is no npm"):
        frontend.install(tmp_path / "frontend")
