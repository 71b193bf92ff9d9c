"""The login dialogue against a transport made of a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import paramiko
import pytest

from swim_tui.errors import AuthError, CodeMissing
from swim_tui.model.secret import Login, Secret
from swim_tui.net.auth import Authenticator
from swim_tui.net.hosts import Place
from tests.unit.net.scripted import Recorder

Answer = Callable[[str, str, Sequence[tuple[str, bool]]], list[str]]


class WithCode(Recorder):
    def one_time_code(self, hop: str, prompt: str) -> str | None:
        return "123456"


class AsksCode:
    """A server that takes a password, then asks a code; `open`: whether it is still there when the code is given."""

    def __init__(self, *, is_open: bool) -> None:
        self.open, self.given = is_open, list[str]()

    def is_authenticated(self) -> bool:
        return False

    def is_active(self) -> bool:
        return self.open

    def auth_none(self, _name: str) -> list[str]:
        raise paramiko.BadAuthenticationType("none", ["keyboard-interactive"])

    def auth_interactive(self, _name: str, answer: Answer) -> list[str]:
        answer("", "", [("Password: ", False)])
        self.given = answer("", "", [("One-time code: ", False)])
        raise paramiko.AuthenticationException("Authentication failed.")


@pytest.mark.parametrize(("is_open", "given"), [(True, ["123456"]), (False, [])])
def test_a_code_that_comes_when_the_server_has_hung_up_is_no_refused_login(is_open: bool, given: list[str]) -> None:
    transport: Any = AsksCode(is_open=is_open)
    login = Login("jump", "me", password=Secret("p"), one_time_code=True)
    place = Place(device="r1", address="10.0.0.1", port=22, hop="jump-sf")
    with pytest.raises(AuthError) as caught:
        Authenticator(transport, login, place, WithCode(), legacy=False).run()
    assert transport.given == given
    assert isinstance(caught.value, CodeMissing) is not is_open, "a profile is parked by a refusal only"
    if not is_open:
        assert "closed the connection before the code was given" in str(caught.value)
