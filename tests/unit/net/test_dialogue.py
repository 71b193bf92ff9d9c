"""The dialogue engine over scripted devices: echo, prompt, questions, and every way a command may end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swim_tui.errors import (
    Cancelled,
    CommandRejected,
    NotAuthorised,
    PromptTimeout,
    ReadOnly,
    SessionLost,
    UnknownPrompt,
)
from swim_tui.model.phase import Direction
from swim_tui.model.plan import Answer, Line, LineMode
from swim_tui.net.contract import Ended
from tests.unit.net.scripted import (
    LOGIN,
    Ask,
    Device,
    HangUp,
    Pause,
    Recorder,
    Script,
    Silence,
    by_one,
    dialogue,
    output,
)

SYSLOG = "*Oct 22 15:53:27.891: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (10.0.0.1)\n"


def copy_script() -> Script:
    name = yield Ask("Destination filename [x.bin]? ")
    yield f"Copying to {name or 'x.bin'}\n"
    yield "!" * 200 + "\n[OK - 4096 bytes]\n4096 bytes copied in 1.2 secs (3413 bytes/sec)\n"


def test_output_comes_without_echo_and_prompt() -> None:
    device = Device({"show clock": output("*10:00:00.123 UTC Mon Nov 23 2026\n")})
    reply = dialogue(device).run(Line("show clock"))
    assert reply.text == "*10:00:00.123 UTC Mon Nov 23 2026"
    assert reply.ended is Ended.PROMPT
    assert device.lines == ["show clock"]


@pytest.mark.parametrize("pieces", [by_one, lambda text: [text]], ids=["one character at a time", "all at once"])
def test_a_dialogue_is_the_same_however_its_bytes_arrive(pieces: Callable[[str], Iterable[str]]) -> None:
    device = Device({"copy ftp: flash:": copy_script}, pieces=pieces)
    reply = dialogue(device).run(Line("copy ftp: flash:", changes=True))
    assert device.answers == [""]
    assert reply.questions == ("Destination filename [x.bin]?",)
    assert reply.text.endswith("4096 bytes copied in 1.2 secs (3413 bytes/sec)")
    assert device.aborted == 0


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(1, 40), min_size=1, max_size=60), noise=st.booleans())
def test_any_chunking_gives_the_same_answer(cuts: list[int], noise: bool) -> None:
    def pieces(text: str) -> Iterable[str]:
        at, turn = 0, 0
        while at < len(text):
            size = cuts[turn % len(cuts)]
            yield text[at : at + size]
            at, turn = at + size, turn + 1

    def script() -> Script:
        yield "line one\n" + (SYSLOG if noise else "") + "line two\n"
        answer = yield Ask("Proceed with reload? [confirm]", one_key=True)
        yield f"got {answer!r}\n"

    device = Device({"reload in 5": script}, pieces=pieces)
    reply = dialogue(device).run(Line("reload in 5", changes=True))
    assert device.answers == ["\n"]
    assert "line one" in reply.text
    assert reply.text.endswith("got '\\n'")


def test_a_log_line_after_the_prompt_does_not_hide_the_prompt() -> None:
    device = Device({"show x": output("answer\n")})
    device.prompt = "sw1#" + SYSLOG
    reply = dialogue(device).run(Line("show x", timeout_s=30))
    assert reply.text == "answer"
    assert reply.seconds < 5


def test_a_log_line_on_a_line_of_its_own_after_the_prompt_does_not_hide_it() -> None:
    device = Device({"show x": output("answer\n")})
    device.prompt = "sw1#\n" + SYSLOG
    assert dialogue(device).run(Line("show x", timeout_s=30)).text == "answer"


def test_a_prompt_inside_a_line_of_output_ends_nothing() -> None:
    device = Device({"show log": output("see sw1# for more\nsw1#show version was typed\nend of log\n")})
    assert dialogue(device).run(Line("show log")).text.endswith("end of log")


def test_an_echo_torn_by_a_log_line_is_accepted() -> None:
    torn = {"r": "r\r\n" + SYSLOG.strip() + "\r\n"}
    device = Device({"show redundancy": output("ok\n")}, echo=lambda key: torn.pop(key, key))
    recorder = Recorder()
    assert dialogue(device, recorder).run(Line("show redundancy")).text == "ok"
    assert any("%SYS-5-CONFIG_I" in line for line in recorder.of(Direction.RECEIVED))


def test_a_scrolled_echo_with_a_dollar_is_accepted() -> None:
    line = "request platform software package expand file bootflash:asr1000rp1.bin to bootflash:dir"
    seen: list[str] = []

    def scroll(key: str) -> str:
        seen.append(key)
        return key if len(seen) != 60 else "\b" * 50 + "$" + "".join(seen[-40:])

    device = Device({line: output("done\n")}, echo=scroll)
    assert dialogue(device).run(Line(line, changes=True)).text == "done"


def test_a_garbled_echo_is_never_executed() -> None:
    device = Device({}, echo=lambda key: "" if key == "l" else key)
    with pytest.raises(CommandRejected, match="echo"):
        dialogue(device).run(Line("reload", changes=True))
    assert device.lines == []
    assert device.aborted == 1


def test_a_device_that_echoes_nothing_is_worked_with() -> None:
    device = Device({"show clock": output("10:00\n")}, echo=lambda _key: "")
    assert dialogue(device).run(Line("show clock")).text == "10:00"


def test_pages_are_turned_and_their_marks_removed() -> None:
    def script() -> Script:
        yield "first\n"
        key = yield Ask(" --More-- ", one_key=True)
        assert key == " "
        yield "\b" * 9 + " " * 8 + "\b" * 9 + "second\n"
        yield Ask("--More--", one_key=True)
        yield "\r\x1b[Kthird\n"

    device = Device({"show run": script})
    assert [x.strip() for x in dialogue(device).run(Line("show run")).text.split("\n") if x.strip()] == [
        "first",
        "second",
        "third",
    ]
    assert device.answers == [" ", " "]


def test_the_own_answers_of_a_line_come_before_the_table() -> None:
    def script() -> Script:
        answer = yield Ask("Do you want to over write? [confirm]", one_key=True)
        yield "kept\n" if answer == "n" else "overwritten\n"

    own = (Answer(r"over ?write\? \[confirm\]", ""),)
    device = Device({"copy a b": script})
    assert dialogue(device).run(Line("copy a b", changes=True, answers=own)).text.endswith("overwritten")
    assert device.answers == ["\n"]
    device = Device({"copy a b": script})
    assert dialogue(device).run(Line("copy a b", changes=True)).text.endswith("kept")
    assert device.answers == ["n"]


def test_an_own_answer_without_a_reply_stops() -> None:
    def script() -> Script:
        yield Ask("System configuration has been modified. Save? [yes/no]: ")

    device = Device({"reload": script})
    own = (Answer(r"save\? \[yes/no\]", None, why="somebody edits"),)
    with pytest.raises(UnknownPrompt) as caught:
        dialogue(device).run(Line("reload", changes=True, answers=own))
    assert device.answers == []
    assert device.aborted == 1
    assert "Save?" in caught.value.question
    assert caught.value.detail == "somebody edits"


def test_a_one_key_question_gets_one_key_and_the_next_question_its_own() -> None:
    def script() -> Script:
        yield Ask("Delete flash:a? [confirm]", one_key=True)
        answer = yield Ask("Proceed with a new erase of everything? [confirm]", one_key=True)
        yield f"second got {answer!r}\n"

    device = Device({"delete flash:a": script})
    with pytest.raises(UnknownPrompt):
        dialogue(device).run(Line("delete flash:a", changes=True))
    assert device.answers == ["\n"]


def test_a_password_is_typed_once_and_shown_never() -> None:
    def script() -> Script:
        typed = yield Ask("Password: ", secret=True)
        assert typed == "pa55-W0rd"
        yield f"the device says {typed}\n"
        yield Ask("Password: ", secret=True)

    own = (Answer("password:", None, secret="password"),)
    device, recorder = Device({"copy scp: flash:": script}), Recorder()
    with pytest.raises(NotAuthorised, match="second time"):
        dialogue(device, recorder).run(Line("copy scp: flash:", changes=True, answers=own))
    assert device.answers == ["pa55-W0rd"]
    assert "pa55-W0rd" not in recorder.text()
    assert "***" in recorder.of(Direction.SENT)


def test_a_password_given_as_a_plain_answer_is_not_shown_either() -> None:
    def script() -> Script:
        yield Ask("admin@10.0.0.9's password: ", secret=True)
        yield "ok\n"

    own = (Answer("password:", "server-secret"),)
    device, recorder = Device({"copy scp: flash:": script}), Recorder()
    dialogue(device, recorder).run(Line("copy scp: flash:", changes=True, answers=own))
    assert device.answers == ["server-secret"]
    assert "server-secret" not in recorder.text()


def test_secrets_are_masked_in_errors_too() -> None:
    device = Device({"show pa55-W0rd": output("% Invalid input detected at 'pa55-W0rd'\n")})
    with pytest.raises(CommandRejected) as caught:
        dialogue(device).run(Line("show pa55-W0rd"))
    assert "pa55-W0rd" not in str(caught.value) + caught.value.output + caught.value.command


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("             ^\n% Invalid input detected at '^' marker.\n", CommandRejected),
        ("% Invalid command at '^' marker.\n", CommandRejected),
        ('% Ambiguous command:  "sh"\n', CommandRejected),
        ("% Incomplete command.\n", CommandRejected),
        ("% Unknown command or computer name, or unable to find computer address\n", CommandRejected),
        ("Command authorization failed.\n", NotAuthorised),
        ("% Authorization failed.\n", NotAuthorised),
        ("% Permission denied for the role\n", NotAuthorised),
        ("% This command is not authorized\n", NotAuthorised),
    ],
)
def test_refusals_of_the_cli_are_errors(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        dialogue(Device({"show y": output(text)})).run(Line("show y"))


@pytest.mark.parametrize(
    "text",
    [
        "%Warning:There is a file already existing with this name\n",
        "%Error opening flash:/x (No such file or directory)\n",
        SYSLOG,
        "% Ambiguous is a word\n",
        "\n".join(f"line {i}" for i in range(40)) + "\n% Incomplete command.\n",
    ],
)
def test_other_percent_lines_are_output(text: str) -> None:
    assert dialogue(Device({"show y": output(text)})).run(Line("show y")).ended is Ended.PROMPT


def test_a_session_that_ends_under_the_line_is_a_reply() -> None:
    def script() -> Script:
        yield Ask("Proceed with reload? [confirm]", one_key=True)
        yield "\n" + SYSLOG
        yield HangUp()

    talk = dialogue(Device({"reload": script}))
    reply = talk.run(Line("reload", changes=True))
    assert reply.ended is Ended.LOST
    assert reply.questions == ("Proceed with reload? [confirm]",)
    assert talk.run(Line("show clock")).ended is Ended.LOST


def test_a_reload_that_hangs_is_a_lost_session_and_any_other_hang_a_timeout() -> None:
    def hanging() -> Script:
        yield Ask("Proceed with reload? [confirm]", one_key=True)
        yield Silence()

    def silent() -> Script:
        yield "working\n"
        yield Silence()

    assert dialogue(Device({"reload": hanging})).run(Line("reload", timeout_s=20)).ended is Ended.LOST
    with pytest.raises(PromptTimeout) as caught:
        dialogue(Device({"verify /md5 x": silent})).run(Line("verify /md5 x", timeout_s=20))
    assert caught.value.limit_s == 20


def test_after_a_timeout_the_next_line_waits_for_the_prompt_first() -> None:
    def slow() -> Script:
        yield Pause(12)
        yield "late\n"

    device = Device({"show slow": slow, "show next": output("next\n")})
    talk = dialogue(device)
    with pytest.raises(PromptTimeout):
        talk.run(Line("show slow", timeout_s=10))
    assert talk.run(Line("show next")).text == "next"


def test_dots_on_one_long_line_keep_a_command_alive_and_cost_little() -> None:
    def verify() -> Script:
        for _ in range(1600):
            yield "." * 50
        yield "Done!\nverify /md5 (x) = 0123456789abcdef0123456789abcdef\n"

    device = Device({"verify /md5 x": verify}, pieces=lambda text: [text[i : i + 10] for i in range(0, len(text), 10)])
    began = time.process_time()
    reply = dialogue(device).run(Line("verify /md5 x", timeout_s=600))
    assert reply.text.endswith("0123456789abcdef0123456789abcdef")
    assert time.process_time() - began < 4


def test_cancel_stops_a_wait_and_interrupts_the_command() -> None:
    recorder = Recorder()

    def forever() -> Script:
        recorder.stop = True
        yield Silence() if False else "."
        yield Pause(1000)

    device = Device({"show forever": forever})
    with pytest.raises(Cancelled):
        dialogue(device, recorder).run(Line("show forever", timeout_s=500))
    assert device.aborted == 1
    assert device.now < 1100


def test_nothing_is_typed_when_cancelled_before() -> None:
    device, recorder = Device({}), Recorder()
    recorder.stop = True
    with pytest.raises(Cancelled):
        dialogue(device, recorder).run(Line("reload", changes=True))
    assert device.lines == []


@pytest.mark.parametrize(
    "text",
    [
        "reload",
        "write memory",
        "copy flash:a flash:b",
        "delete flash:x",
        "configure terminal",
        "clear line vty 1",
        "show version | redirect flash:x",
        "show run | append flash:x",
        "show version ; reload",
        "show version > bootflash:x",
        "debug all",
        "install remove inactive",
        "admin reload location all",
        "test crash",
        "showx",
    ],
)
def test_a_read_only_session_refuses_what_is_not_known_as_read_only(text: str) -> None:
    device = Device({})
    with pytest.raises(ReadOnly):
        dialogue(device, read_only=True).run(Line(text))
    assert device.lines == []


@pytest.mark.parametrize(
    "text", ["show version", "dir flash:", "verify /md5 flash:x", "terminal length 0", "admin show x"]
)
def test_a_read_only_session_reads(text: str) -> None:
    device = Device({})
    dialogue(device, read_only=True).run(Line(text))
    assert device.lines == [text]


def test_a_read_only_session_refuses_a_line_that_calls_itself_changing_and_configuration() -> None:
    with pytest.raises(ReadOnly):
        dialogue(Device({}), read_only=True).run(Line("show version", changes=True))
    with pytest.raises(ReadOnly):
        dialogue(Device({}), read_only=True).configure([Line("hostname x")])


@pytest.mark.parametrize("text", ["show version\nreload", "show ver\r", "show ?", "", "dir \x1b[A"])
def test_a_line_that_is_not_one_plain_line_is_not_typed(text: str) -> None:
    device = Device({})
    with pytest.raises(CommandRejected):
        dialogue(device).run(Line(text))
    assert device.lines == []


def test_text_is_neutral_before_anybody_sees_it() -> None:
    device = Device({"show x": output("a\x1b]0;title\x07b\x1b[31mred\x1b[0m \u202ereversed\x00\n")})
    recorder = Recorder()
    reply = dialogue(device, recorder).run(Line("show x"))
    assert reply.text == "abred reversed"
    assert recorder.of(Direction.RECEIVED) == ["abred reversed"]


def test_configuration_text_is_not_shown_line_by_line() -> None:
    device, recorder = Device({"show running-config": output("hostname sw1\nenable secret 5 $1$abc\n")}), Recorder()
    assert "enable secret" in dialogue(device, recorder).run(Line("show running-config")).text
    assert "secret" not in recorder.text()
    assert recorder.of(Direction.NOTE) == ["2 lines of configuration, not shown"]


class ConfigDevice(Device):
    """A device with a configuration mode, its name cut at 20 characters in the prompt as IOS does."""

    def enter(self) -> Script:
        self.prompt = f"{self.name[:20]}(config)#"
        yield "Enter configuration commands, one per line.  End with CNTL/Z.\n"

    def leave(self) -> Script:
        self.prompt = f"{self.name}#"
        yield ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.name = self.prompt.rstrip("#")
        self.commands = {"configure terminal": self.enter, "end": self.leave, **self.commands}


def test_configuration_lines_are_typed_one_by_one_under_a_cut_prompt() -> None:
    device = ConfigDevice({}, prompt="ASR1002_large-54-9-9-4#")
    talk = dialogue(device, base="ASR1002_large-54-9-9-4")
    reply = talk.configure([Line("ip scp server enable", mode=LineMode.CONFIG, changes=True)])
    assert device.lines == ["configure terminal", "ip scp server enable", "end"]
    assert reply.ended is Ended.PROMPT
    assert not talk.prompt.in_config


def test_configuration_stops_at_the_first_refusal_and_leaves_the_mode() -> None:
    device = ConfigDevice({"ip bogus": output("          ^\n% Invalid input detected at '^' marker.\n")})
    with pytest.raises(CommandRejected, match="ip bogus"):
        dialogue(device).configure([Line("ip bogus"), Line("boot system flash:x")])
    assert device.lines == ["configure terminal", "ip bogus", "end"]


def test_a_locked_configuration_is_a_refusal() -> None:
    device = Device({"configure terminal": output("Configuration mode is locked by process 'X'. Try later.\n")})
    with pytest.raises(CommandRejected, match="locked"):
        dialogue(device).configure([Line("ip scp server enable")])
    assert device.lines == ["configure terminal"]


def test_an_enable_that_is_refused_is_noticed_and_not_repeated() -> None:
    def refused() -> Script:
        yield Ask("Password: ", secret=True)
        yield "% Access denied\n"

    device = Device({"enable": refused}, prompt="sw1>")
    talk = dialogue(device)
    talk.prompt.privileged = False
    assert talk.enable() is False
    assert device.answers == [LOGIN.enable.reveal()]


BANNERS = [
    "",
    "\n*** Property of ACME # keep out > now ***\n\n",
    "#######################\n# Welcome to switch1# #\n#######################\n> read this\n",
    "Is this your device? Then go on\n\n",
    "\n" * 30 + "IMPORTANT: READ CAREFULLY\nWelcome to the Demo\n\n",
]


@pytest.mark.parametrize("banner", BANNERS)
@pytest.mark.parametrize("prompt", ["sw1#", "sw1>", "RP/0/RSP0/CPU0:ios#", "nx-9k(maint-mode)# "])
def test_the_prompt_is_learnt_whatever_the_banner_says(banner: str, prompt: str) -> None:
    device = Device({"show clock": output("10:00\n")}, prompt=prompt)
    device.start(banner)
    talk = dialogue(device, base="")
    base = talk.learn()
    assert prompt.startswith(base)
    assert talk.prompt.privileged is ("#" in prompt)
    assert talk.run(Line("show clock")).text == "10:00"


def test_a_question_at_login_is_not_answered() -> None:
    device = Device()
    device.say("\nWould you like to enter the initial configuration dialog? [yes/no]: ")
    with pytest.raises(UnknownPrompt, match="initial configuration"):
        dialogue(device, base="").learn()


def test_a_session_that_closes_before_its_prompt_is_lost() -> None:
    device = Device(closed=True)
    with pytest.raises(SessionLost):
        dialogue(device, base="").learn()


def test_a_device_that_says_nothing_ends_in_a_timeout() -> None:
    device = Device()
    device._silent = True
    with pytest.raises(PromptTimeout):
        dialogue(device, base="").learn()
