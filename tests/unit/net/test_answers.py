"""The common dialogue table: every row of Appendix B, and never an answer to a question that is not in it."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from swim_tui.errors import NotAuthorised, UnknownPrompt
from swim_tui.model.plan import Answer, Line
from swim_tui.net.answers import decide, is_question, keys_for
from swim_tui.net.commands import Context, context_of
from tests.unit.net.scripted import LOGIN, Ask, Device, Recorder, Script, by_one, dialogue

STOPS = None

# command, question, is it answered with one key, what is typed (STOPS = Ctrl-C and UnknownPrompt)
ROWS = [
    ("reload", "System configuration has been modified. Save? [yes/no]: ", False, STOPS),
    ("install activate", "Please confirm you have changed boot config. Save? [y/n/q]", False, "q"),
    ("install activate", "This operation may require a reload. Do you want to proceed? [y/n]", False, "y"),
    ("install abort", "Do you want to proceed? [y/n]", False, "y"),
    ("reload", "Do you want to proceed? [y/n]", False, STOPS),
    ("install remove inactive", "Do you want to remove the above files? [y/n]", False, "n"),
    ("software clean", "Do you want to proceed with the deletion? [yes/no]: ", False, "yes"),
    ("software install file flash:x new", "Do you want to proceed with reload? [yes/no]: ", False, "yes"),
    ("copy a b", "Do you want to proceed with the deletion? [yes/no]: ", False, STOPS),
    ("reload", "Proceed with reload? [confirm]", True, "\n"),
    ("reload in 5", "Proceed with reload? [confirm]", True, "\n"),
    ("copy a b", "Proceed with reload? [confirm]", True, STOPS),
    ("issu runversion", "This command will reload the Active unit.  Proceed ? [confirm]", True, "\n"),
    ("copy tftp: flash:", "Erase flash: before copying? [confirm]", True, STOPS),
    ("reload", "Erasing the nvram filesystem will remove all files! Continue? [confirm]", True, STOPS),
    ("copy tftp: flash:", "Erasing the flash filesystem will remove all files! Continue? [confirm]", True, STOPS),
    ("format flash:", "Format operation may take a while. Continue? [confirm]", True, STOPS),
    ("copy ftp: flash:", "Destination filename [x.bin]? ", False, ""),
    ("copy running-config startup-config", "Destination filename [startup-config]? ", False, ""),
    ("copy ftp: flash:", "Destination filename []? ", False, STOPS),
    ("reload", "Destination filename [x.bin]? ", False, STOPS),
    ("copy ftp: flash:", "Source filename [/a/x.bin]? ", False, ""),
    ("copy ftp: flash:", "Source username [admin]? ", False, ""),
    ("copy ftp: flash:", "Address or name of remote host [10.0.0.1]? ", False, ""),
    ("copy ftp: flash:", "Address or name of remote host []? ", False, STOPS),
    ("copy ftp: flash:", "Do you want to over write? [confirm]", True, "n"),
    ("copy ftp: bootflash:", "Do you want to overwrite (y/n)?[n] ", False, "n"),
    ("copy scp: flash:", "Are you sure you want to continue connecting (yes/no/[fingerprint])? ", False, "yes"),
    ("copy scp: flash:", "Are you sure you want to continue connecting (yes/no)? ", False, "yes"),
    ("enable", "Password: ", False, LOGIN.enable.reveal()),
    ("copy scp: flash:", "Password: ", False, STOPS),
    ("delete flash:x", "Delete filename [x]? ", False, ""),
    ("delete flash:x", "Delete flash:x? [confirm]", True, "\n"),
    ("copy a b", "Delete flash:x? [confirm]", True, STOPS),
    ("delete bootflash:x", 'Do you want to delete "/x" ? (yes/no/abort)   [y] ', False, "y"),
    ("install all nxos x", "Do you want to continue with the installation (y/n)?  [n] ", False, STOPS),
    ("reload", "This command will reboot the system. (y/n)?  [n] ", False, "y"),
    ("admin install activate x", "Do you want to continue this install operation (y/n)? [y] ", False, "y"),
    ("install activate id 3", "This install operation will reload the router. Continue? [yes/no]:[yes] ", False, "yes"),
    ("install activate id 3", "Continue? [yes:no]: [yes] ", False, "yes"),
    ("install remove x", "Proceed with removing these packages? [confirm]", True, "\n"),
    ("write memory", "Warning: Attempting to overwrite an NVRAM configuration previously written by a different "
     "version of the system image.\nOverwrite the previous NVRAM configuration?[confirm]", True, "\n"),
    ("reload", "System is running in SIMPLEX mode. Proceed with reload? [confirm]", True, STOPS),
    ("reload", "Peer will not be ready; proceed with reload anyway? [confirm]", True, STOPS),
    ("reload", "This will reload the entire shelf. Proceed with reload? [confirm]", True, STOPS),
    ("reload", "Reload peer? [confirm]", True, STOPS),
    ("show version", "Would you like to enter the initial configuration dialog? [yes/no]: ", False, STOPS),
    ("show version", "Would you like to terminate autoinstall? [yes]: ", False, STOPS),
    ("show version", "Abort Power On Auto Provisioning [yes/skip/no]: ", False, STOPS),
    ("reload", "Something new? [confirm]", True, STOPS),
    ("copy a b", "Something new? [yes/no]: ", False, STOPS),
    ("copy a b", "Something new [y/n] ", False, STOPS),
    ("copy a b", "Really? ", False, STOPS),
    ("copy a b", "Enter vrf (If no input, current vrf 'default' is considered): ", False, STOPS),
    ("show version", "Username: ", False, STOPS),
]  # fmt: skip


@pytest.mark.parametrize(("command", "question", "one_key", "typed"), ROWS)
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
def test_each_row_of_the_table(command: str, question: str, one_key: bool, typed: str | None, split: bool) -> None:
    def script() -> Script:
        yield "some output first\n"
        yield Ask(question, one_key=one_key, secret="assword" in question)
        yield "went on\n"

    device = Device({command: script}, pieces=by_one if split else lambda text: [text])
    talk = dialogue(device)
    if typed is None:
        with pytest.raises(UnknownPrompt) as caught:
            talk.run(Line(command, changes=True))
        assert device.answers == []
        assert device.aborted == 1
        assert question.strip().rstrip(":?] ")[-30:] in caught.value.question
    else:
        reply = talk.run(Line(command, changes=True))
        assert device.answers == [typed]
        assert device.aborted == 0
        assert "went on" in reply.text


def test_a_host_key_question_is_a_stop_under_the_strict_policy() -> None:
    pending = "Are you sure you want to continue connecting (yes/no)? "
    assert decide(pending, (), Context.COPY, trust_first=False) is None
    assert is_question(pending)


def test_a_hazard_beats_an_own_answer_that_does_not_name_it() -> None:
    own = (Answer(r"proceed with reload\? \[confirm\]", ""),)
    pending = "System is running in SIMPLEX mode\nProceed with reload? [confirm]"
    decision = decide(pending, own, Context.RELOAD, trust_first=True)
    assert decision is not None
    assert decision.reply is None


def test_an_own_answer_that_names_the_hazard_is_given() -> None:
    own = (Answer(r"SIMPLEX mode\s+proceed with reload\? \[confirm\]", ""),)
    pending = "System is running in SIMPLEX mode\nProceed with reload? [confirm]"
    decision = decide(pending, own, Context.RELOAD, trust_first=True)
    assert decision is not None
    assert decision.reply == ""


@pytest.mark.parametrize(
    ("question", "reply", "keys"),
    [
        ("Proceed? [confirm]", "", "\n"),
        ("Proceed? [confirm]", "y", "\n"),
        ("Proceed? [confirm]", "yes", "\n"),
        ("over write? [confirm]", "n", "n"),
        ("over write? [confirm]", "no", "n"),
        ("Proceed? [y/n]", "y", "y\n"),
        ("Save? [yes/no]: ", "no", "no\n"),
        ("Destination filename [x]? ", "", "\n"),
    ],
)
def test_a_confirm_gets_one_key_and_everything_else_a_line(question: str, reply: str, keys: str) -> None:
    assert keys_for(question, reply) == keys


def test_the_same_question_again_and_again_is_a_stop() -> None:
    def script() -> Script:
        while True:
            yield Ask("Do you want to proceed? [y/n]")
            yield "% Please answer 'yes' or 'no'.\n"

    device = Device({"install activate": script})
    with pytest.raises(UnknownPrompt):
        dialogue(device).run(Line("install activate", changes=True))
    assert len(device.answers) == 3


def test_an_enable_password_asked_twice_is_given_once() -> None:
    def script() -> Script:
        yield Ask("Password: ", secret=True)
        yield Ask("Password: ", secret=True)

    device = Device({"enable": script}, prompt="sw1>")
    with pytest.raises(NotAuthorised):
        dialogue(device).run(Line("enable"))
    assert len(device.answers) == 1


COMMANDS = [
    "reload", "copy scp: flash:", "install activate", "install all nxos x", "software install file x", "delete flash:x",
    "write memory", "issu runversion", "show version", "enable", "archive download-sw /overwrite x", "admin install x",
]  # fmt: skip
ENDINGS = ["[confirm]", "[yes/no]: ", "[y/n] ", "(y/n)? [n] ", "? ", "[yes]: ", "[no]? ", "(yes/no)? "]


@settings(max_examples=300, deadline=None)
@given(
    command=st.sampled_from(COMMANDS),
    words=st.text(string.ascii_lowercase + " ,.-", min_size=3, max_size=60),
    ending=st.sampled_from(ENDINGS),
)
def test_a_question_that_is_not_in_the_table_is_never_answered(command: str, words: str, ending: str) -> None:
    known = ("proceed", "delete", "install operation", "reboot the system", "connecting", "overwrite", "filename")
    assume(not any(word in words for word in known) and words.strip(" ,.-"))
    question = f"Quux {words} zork {ending}"

    def script() -> Script:
        yield "output\n"
        yield Ask(question, one_key="confirm" in ending)

    # IOS-XR 64 really asks nothing but `[yes/no]: [yes]` after a text of its own
    device, recorder = Device({command: script}), Recorder()
    with pytest.raises(UnknownPrompt) as caught:
        dialogue(device, recorder).run(Line(command, changes=True))
    assert device.answers == []
    assert device.aborted == 1
    assert "Quux" in caught.value.question


@settings(max_examples=200, deadline=None)
@given(text=st.text(string.printable, min_size=1, max_size=80), command=st.sampled_from(COMMANDS))
def test_noise_that_stands_still_is_never_answered(text: str, command: str) -> None:
    for row in ("proceed", "delete", "confirm", "yes", "y/n", "password", "filename", "more", "end)"):
        assume(row not in text.lower())
    decision = decide(text.replace("\n", " "), (), context_of(command), trust_first=True)
    assert decision is None


@pytest.mark.parametrize(
    ("command", "context"),
    [
        ("install all nxos bootflash:x", Context.NXOS_INSTALL),
        ("install remove inactive", Context.CLEANUP),
        ("admin install activate disk0:x", Context.INSTALL),
        ("request platform software package install rp 0 file x", Context.INSTALL),
        ("copy running-config startup-config", Context.SAVE),
        ("wr", Context.OTHER),
        ("write memory", Context.SAVE),
        ("write", Context.SAVE),
        ("write erase", Context.OTHER),
        ("copy running-config flash:x", Context.COPY),
        ("reload", Context.RELOAD),
        ("show reload", Context.OTHER),
    ],
)
def test_the_context_comes_from_the_command(command: str, context: Context) -> None:
    assert context_of(command) is context
