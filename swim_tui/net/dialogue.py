"""The dialogue engine: types one line, proves its echo, answers what may be answered, stops at everything else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from swim_tui.errors import (
    CommandRejected,
    NotAuthorised,
    PromptTimeout,
    ReadOnly,
    SessionLost,
    UnknownPrompt,
)
from swim_tui.model.phase import Direction
from swim_tui.model.plan import Line, LineMode
from swim_tui.model.secret import Login
from swim_tui.net.answers import PAGER, PASSWORD, Decision, decide, is_question, keys_for
from swim_tui.net.commands import (
    Context,
    context_of,
    is_read_only,
    is_typable,
    reads_configuration,
    refusal,
)
from swim_tui.net.contract import Ended, Reply, SessionObserver
from swim_tui.net.prompt import Prompt, learn_prompt
from swim_tui.net.terminal import TICK_S, Terminal, Wire
from swim_tui.net.text import Screen, neutral

UNKNOWN_QUIET_S = 2.0  # quiet for this long before something unknown is called a question
SAME_QUESTION_MAX = 3
LEARN_S = 15.0


class Dialogue(Terminal):
    """Works lines on a wire; one at a time, from one thread."""

    def __init__(
        self,
        wire: Wire,
        observer: SessionObserver,
        login: Login,
        *,
        device: str,
        read_only: bool = False,
        trust_first: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(wire, observer, login, device=device, clock=clock)
        self._read_only = read_only
        self._trust_first = trust_first
        self._banner = Screen()

    # --- login ---

    def learn(self, limit_s: float = LEARN_S) -> str:
        """Find the prompt after a login, whatever banner stands before it; returns its base.

        Errors: UnknownPrompt (the device asks something first), PromptTimeout, SessionLost.
        """
        found = learn_prompt(self._read_for_login, self._wire.write, self._clock, limit_s)
        if found.question:
            self._report(found.question)
            raise UnknownPrompt(device=self._device, command="login", question=self._mask(found.question))
        if found.lost:
            self.lost = True
            raise SessionLost(device=self._device, command="login", detail="closed before the first prompt")
        if not found.base:
            output = self._mask(found.text)
            raise PromptTimeout(device=self._device, command="login", limit_s=limit_s, output=output)
        self.prompt = Prompt(found.base, found.end)
        return found.base

    def _read_for_login(self, timeout_s: float) -> str | None:
        self._check_cancelled("login")
        text = self._read(timeout_s)
        if text:
            self._report_lines(self._banner.feed(text))
        return text

    # --- commands ---

    def run(self, line: Line) -> Reply:
        """Work one exec line; see `Session.run` for the errors."""
        self._allow(line)
        reply, output = self._work(line)
        if reply.ended is Ended.PROMPT:
            self._judge(line.text, output, config=False)
        return reply

    def configure(self, lines: Sequence[Line]) -> Reply:
        """Type lines in configuration mode; stops at the first refusal, and leaves the mode in every case."""
        if self._read_only:
            raise ReadOnly(device=self._device, detail="configuration mode in a read-only session")
        for line in lines:
            self._allow(line)
        started = self._clock()
        enter = Line("configure terminal", mode=LineMode.CONFIG)
        replies = [self._step(enter)]
        try:
            if not self.prompt.in_config and replies[-1].ended is Ended.PROMPT:
                raise CommandRejected(
                    device=self._device,
                    command=enter.text,
                    detail=self._mask(replies[-1].text.strip()) or "configuration mode was not entered",
                )
            for line in lines:
                if replies[-1].ended is Ended.LOST:
                    break
                replies.append(self._step(line))
        finally:
            if self.prompt.in_config and not self.lost and not self.busy:
                replies.append(self._work(Line("end", mode=LineMode.CONFIG))[0])
        return Reply(
            text="\n".join(r.text for r in replies if r.text),
            ended=replies[-1].ended,
            questions=tuple(q for r in replies for q in r.questions),
            seconds=self._clock() - started,
        )

    def enable(self) -> bool:
        """Type `enable` and its secret; False when the device refuses it."""
        self._work(Line("enable", timeout_s=20.0))
        return self.prompt.privileged

    def _step(self, line: Line) -> Reply:
        reply, output = self._work(line)
        if reply.ended is Ended.PROMPT:
            self._judge(line.text, output, config=True)
        return reply

    def _allow(self, line: Line) -> None:
        if not is_typable(line.text):
            raise CommandRejected(
                device=self._device,
                command=self._mask(neutral(line.text)),
                detail="not typed: a line must be one line, without control characters and question marks",
            )
        if self._read_only and (line.changes or not is_read_only(line.text)):
            raise ReadOnly(device=self._device, detail=f"'{self._mask(line.text)}' is not known as a read-only command")

    def _judge(self, command: str, output: Sequence[str], *, config: bool) -> None:
        found = refusal(output, config=config)
        if found is None:
            return
        denied, text = found
        error = NotAuthorised if denied else CommandRejected
        raise error(
            device=self._device,
            command=self._mask(command),
            detail=self._mask(text),
            output=self._mask("\n".join(output)),
        )

    def _work(self, line: Line) -> tuple[Reply, list[str]]:
        """Type a line and follow its dialogue to the prompt or the end of the session."""
        started = self._clock()
        self._cancel_checked = float("-inf")  # before a line is typed the question is always asked
        self._check_cancelled(line.text)
        if self.lost:
            return Reply("", Ended.LOST), []
        if self.busy:
            self._regain(line)
        work = _Work(line, context_of(line.text), started + line.timeout_s)
        quiet_output = reads_configuration(line.text)
        try:
            self._drain()
            self._observer.line(Direction.SENT, self._mask(line.text), changes=line.changes)
            self.busy = True
            self._type(line)
            self._wire.write("\n")
            ended = self._follow(work, quiet_output)
        except PromptTimeout:
            raise  # it is an OSError too
        except OSError:
            self.lost = True
            ended = Ended.LOST
        if ended is Ended.PROMPT:
            self.busy = False
        output = self.prompt.strip(work.screen.lines, work.screen.tail)
        if output and output[0].strip() == line.text.strip():
            del output[0]  # a device that echoes only after RETURN
        self._report_rest(work, quiet_output, output)
        text = "\n".join(output)
        return Reply(text, ended, tuple(work.questions), self._clock() - started), output

    def _follow(self, work: _Work, quiet_output: bool) -> Ended:
        screen = work.screen
        quiet_since = self._clock()
        while True:
            self._check_cancelled(work.line.text, interrupt=True)
            now = self._clock()
            text = self._read(min(TICK_S, max(0.01, work.deadline - now)))
            if text is None:
                self.lost = True
                return Ended.LOST
            now = self._clock()
            if text:
                quiet_since = now
                finished = screen.feed(text)
                if not quiet_output:
                    self._report_lines(finished)
                if self.prompt.at(screen.tail):
                    return Ended.PROMPT
                if PAGER.search(screen.tail[-80:]) and screen.total > work.paged_at:
                    work.paged_at = screen.total
                    self._wire.write(" ")
            elif self.prompt.before_log_lines(screen):
                return Ended.PROMPT
            elif screen.total > work.answered_at:
                self._consider(work, now - quiet_since)
            if now >= work.deadline:
                return self._too_late(work)

    def _too_late(self, work: _Work) -> Ended:
        if work.context is Context.RELOAD and work.questions:
            self.lost = True  # a reload may leave the connection hanging without a word
            return Ended.LOST
        raise PromptTimeout(
            device=self._device,
            command=self._mask(work.line.text),
            limit_s=work.line.timeout_s,
            output=self._mask(work.screen.pending()[-2000:]),
        )

    def _consider(self, work: _Work, quiet_s: float) -> None:
        """Answer the text under the cursor, stop at it, or leave it alone."""
        pending = work.screen.pending()
        if not work.screen.tail.strip():
            return
        decision = decide(pending, work.line.answers, work.context, trust_first=self._trust_first)
        if decision is None:
            if quiet_s >= UNKNOWN_QUIET_S and is_question(pending):
                self._stop(work, "")
            return
        if decision.reply is None and not decision.secret:
            self._stop(work, decision.why)
        self._answer(work, decision)

    def _answer(self, work: _Work, decision: Decision) -> None:
        question = work.screen.tail.strip()
        is_password = bool(PASSWORD.search(question)) or bool(decision.secret)
        if work.refuse_again(question, is_password=is_password):
            if is_password:
                self._interrupt()
                raise NotAuthorised(
                    device=self._device,
                    command=self._mask(work.line.text),
                    detail="the password is asked a second time: it was refused",
                )
            self._stop(work, "the answer was not accepted")
        if decision.secret:
            reply = self._secret(decision.secret)
            if not reply:
                self._stop(work, f"the profile has no {decision.secret}")
        else:
            reply = decision.reply or ""
        whole = work.screen.end_line()
        self._report(whole)
        work.questions.append(self._mask(question))
        work.answered_at = work.screen.total
        shown = "***" if is_password else (reply or "RETURN")
        self._observer.line(Direction.SENT, self._mask(shown), changes=work.line.changes)
        self._wire.write(keys_for(question, reply))

    def _secret(self, name: str) -> str:
        return self._login.named(name).reveal()

    def _stop(self, work: _Work, why: str) -> NoReturn:
        """Ctrl-C, and report what was asked."""
        question = self._mask(work.screen.pending().strip()[-600:])
        self._report(work.screen.end_line())
        self._interrupt()
        raise UnknownPrompt(
            device=self._device,
            command=self._mask(work.line.text),
            question=question,
            detail=why,
            output=self._mask("\n".join(work.screen.lines[-40:])),
        )

    def _report_rest(self, work: _Work, quiet_output: bool, output: Sequence[str]) -> None:
        if quiet_output:
            self._observer.line(Direction.NOTE, f"{len(output)} lines of configuration, not shown")
        elif self.lost:
            self._report(work.screen.tail)


class _Work:
    """One line being worked."""

    def __init__(self, line: Line, context: Context, deadline: float) -> None:
        self.line = line
        self.context = context
        self.deadline = deadline
        self.screen = Screen()
        self.questions: list[str] = []
        self.answered_at = 0
        self.paged_at = 0
        self._asked: dict[str, int] = {}
        self._passwords = 0

    def refuse_again(self, question: str, *, is_password: bool) -> bool:
        """True when the same thing is asked again after it was answered."""
        if is_password:
            self._passwords += 1
            return self._passwords > 1
        self._asked[question] = self._asked.get(question, 0) + 1
        return self._asked[question] > SAME_QUESTION_MAX
