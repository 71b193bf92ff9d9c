"""Every error is one line on stderr with what, why and what to do; exit codes are those of the documentation."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from swim_tui.cli import main
from swim_tui.errors import SERVER_LOGIN, AuthError, RemoteError, SwimError, describe
from tests.support.world import World


def swim(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A line that needs no engine, in this process."""
    return World(tmp_path).here(*arguments, code=None)


NEED_AN_ENGINE = (
    "no software image is in the folder",
    "no new or changed host key named",
    "the data directory cannot be used",
)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["frobnicate"], 2, "no such command 'frobnicate'; see: swim-tui --help"),
        (["devices", "list", "--nope"], 2, "see: swim-tui devices list --help"),
        (["images", "import"], 2, "name files or URLs"),
        (["images", "import", "/no/such/file.bin"], 2, "there is no such file"),
        (["images", "import", "/proc/self/fd"], 2, "no software image is in the folder"),
        (["devices", "import", "/no/such/file.yaml"], 2, "/no/such/file.yaml: no such file or directory"),
        (["plan", "diff", "/no/a.json", "/no/b.json"], 2, "/no/a.json: no such file"),
        (["plan", "distribute", "--image", "x", "--device", "y", "--out", "plan.txt"], 2, "must end in .md"),
        (["hostkeys", "accept", "192.0.2.1"], 2, "no new or changed host key named"),
        (["engine", "status"], 4, "none is running; start it: swim-tui engine start"),
        (["engine", "log"], 2, "no log: no such file"),
        (["lab", "status"], 4, "start one: swim-tui lab up demo"),
        (["lab", "up", "no-such-network"], 3, "no such network file; shipped networks are"),
        (["devices", "remove", "r1"], 3, "give --yes"),
        (["credentials", "add", "x", "--username", "u"], 3, "give --password-stdin"),
        (["credentials", "add", "x", "--username", "u", "--password-stdin"], 2, "stdin has no such line"),
        (["demo"], 3, "give --headless"),
        ([], 3, "the UI needs a terminal"),
        (["demo", "--headless", "--keep", "/"], 3, "/ is not empty"),
        (["--data-dir", "/proc/nothing", "devices", "list"], 4, "the data directory cannot be used"),
    ],
)
def test_an_error_is_one_line_with_its_exit_code(tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    world = World(tmp_path)
    # what asks an engine starts one, which must not be a child of the tests
    done = (world.spawn if words in NEED_AN_ENGINE else world.here)(*arguments, code=None)
    if (world.data / "engine.json").exists():
        world.spawn("engine", "stop")
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("swim-tui: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


def test_stopping_what_does_not_run_is_no_error(tmp_path: Path) -> None:
    done = World(tmp_path).spawn("engine", "stop", "--json")
    assert (done.returncode, done.stdout) == (0, '{\n  "stopped": false\n}\n')


def test_a_bug_is_one_line_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SWIM_TUI_DEBUG", raising=False)
    monkeypatch.setattr("swim_tui.cli.doctor.LIBRARIES", 7)
    assert main(["info"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "this is a bug in swim-tui" in err


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_app: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("swim_tui.cli.doctor._terminal", interrupted)
    assert main(["doctor"]) == 130
    assert capsys.readouterr().err.strip() == "swim-tui: interrupted"


def test_info_and_doctor_need_no_engine_and_start_none(tmp_path: Path) -> None:
    done = swim(tmp_path, "info")
    assert done.returncode == 0
    assert str(tmp_path / "data" / "store") in done.stdout
    done = swim(tmp_path, "doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"name": "SSH"' in done.stdout
    assert not (tmp_path / "data").exists()


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    env = {**os.environ, "SWIM_TUI_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(
        f"{sys.executable} -m swim_tui.cli info --json | head -1",
        shell=True,
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""


def test_info_names_the_key_that_opens_the_vault_now(tmp_path: Path) -> None:
    vault = tmp_path / "data" / "vault.json"
    assert "vault.key (made on first use)" in swim(tmp_path, "info").stdout
    vault.parent.mkdir()
    for kind, hints, words in (
        ("key file", {"path": "/keys/vault-7.key"}, "/keys/vault-7.key"),
        ("keyring", {"account": "vault-7"}, "keyring entry 'vault-7'"),
        ("passphrase", {"salt": "00"}, "passphrase"),
    ):
        vault.write_text(json.dumps({"key_kind": kind, "key_hints": hints}))
        shown = swim(tmp_path, "info", "--json")
        assert json.loads(shown.stdout)["vault_key"] == words


def leaves(kind: type[SwimError]) -> list[type[SwimError]]:
    """The class and every class below it."""
    return [kind, *(found for below in kind.__subclasses__() for found in leaves(below))]


def test_every_error_has_a_code_of_its_own_a_remedy_and_a_line_in_the_readme() -> None:
    kinds = [kind for kind in leaves(SwimError) if kind.__module__ == "swim_tui.errors" and kind is not SwimError]
    kinds = [kind for kind in kinds if kind is not RemoteError]  # it carries those of another process
    by_code: dict[str, set[str]] = {}
    for kind in kinds:
        by_code.setdefault(kind.code, set()).add(kind.__name__)
        assert kind.remedy or kind.__name__ == "Cancelled", kind
        assert describe(kind(detail="x")).message, kind
    assert {code: names for code, names in by_code.items() if len(names) > 1} == {}
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    families = {code[:6] for code in by_code} - {"SWIM-8"}  # a failed check, a cancel: no trouble to look up
    assert families <= set(re.findall(r"SWIM-\d(?=\dxx)", readme))


def test_an_error_ends_with_its_code(tmp_path: Path) -> None:
    assert swim(tmp_path, "engine", "status").stderr.endswith(" (SWIM-3010)\n")


def test_a_login_that_is_a_servers_own_is_corrected_where_it_is_kept() -> None:
    own = describe(AuthError(address="192.0.2.9", profile=f"{SERVER_LOGIN}NY_Region"))
    assert own.message == "192.0.2.9 refuses the login of SWIM server NY_Region"
    assert own.remedy.startswith("correct it: swim-tui servers protocol add NY_Region PROTOCOL;")
    of_profile = describe(AuthError(address="192.0.2.9", profile="lab"))
    assert of_profile.message == "192.0.2.9 refuses the login of profile 'lab'"
    assert of_profile.remedy.startswith("correct it: swim-tui credentials add lab;")
