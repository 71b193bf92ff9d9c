"""Where a session goes: through the chain, or to a bastion that takes the device in the user name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.errors import JumpError
from swim_tui.model.device import HopMethod
from swim_tui.model.endpoint import Endpoint, Hop
from swim_tui.model.secret import Login
from swim_tui.net.aim import aim_of

BASTION = Hop("b", "192.0.2.1", 22, Login("by", "me"), HopMethod.USER, "%r%%%h:%p@%u")
DEVICE = Endpoint("r1", "10.0.0.1", 2222, Login("admin", "swim"), hops=(BASTION,), legacy_ssh=True)


def test_a_bastion_is_logged_in_to_with_the_device_in_the_user_name_and_never_with_its_old_algorithms() -> None:
    aim = aim_of(DEVICE)
    assert (aim.place.address, aim.login.username, aim.hops) == ("192.0.2.1", "swim%10.0.0.1:2222@me", ())
    assert not aim.legacy_ssh


def test_nothing_lies_behind_such_a_bastion() -> None:
    inner = Hop("i", "192.0.2.2", 22, Login("by", "me"))
    with pytest.raises(JumpError, match="must be the last one"):
        aim_of(replace(DEVICE, hops=(BASTION, inner)))


def test_a_code_at_each_of_its_many_logins_is_refused_and_a_push_is_not() -> None:
    def asking(**more: str) -> Endpoint:
        login = Login("by", "me", one_time_code=True, **more)
        return replace(DEVICE, hops=(replace(BASTION, login=login),))

    with pytest.raises(JumpError, match="asks a one-time code each time; give it a key"):
        aim_of(asking())
    assert aim_of(asking(push_answer="1")).place.hop == "b"
