"""Logging in: one attempt by one method, chosen from what the profile holds and the server takes.

Order: the profile's key file, else the agent, else the password (keyboard-interactive where a one-time code is asked or
`password` is not offered). A server that wants a second factor after the first gets it; nothing is tried a second time.
From the agent at most MAX_AGENT_KEYS keys are shown: an IOS device closes after three, and each counts as a failure.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence
from typing import Any, NoReturn

import paramiko
from paramiko.pkey import UnknownKeyType

from swim_tui.errors import AuthError, CodeMissing, ConnectError, ConnectTimeout
from swim_tui.model.phase import Direction
from swim_tui.model.secret import Login
from swim_tui.net.algorithms import settle_rsa_signature
from swim_tui.net.contract import SessionObserver
from swim_tui.net.hosts import Place
from swim_tui.net.text import neutral
from swim_tui.paths import user_path

MAX_AGENT_KEYS = 3
_MAX_FACTORS = 3
_CODE_PROMPT = re.compile(r"code|token|otp|one.?time|passcode|verification|authenticator|challenge|duo|pin\b", re.I)
_PASSWORD_PROMPT = re.compile(r"password|passwort|passphrase", re.I)


class _Agent(paramiko.agent.AgentSSH):
    """The agent at a socket: Paramiko's own asks this process's environment, which is the engine's of long ago."""

    def __init__(self, path: str) -> None:
        super().__init__()
        conn = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            conn.connect(path or os.environ.get("SSH_AUTH_SOCK", ""))
            self._connect(conn)  # type: ignore[attr-defined]  # what its own subclass calls
        except (OSError, paramiko.SSHException):
            conn.close()

    def close(self) -> None:
        """End the connection."""
        self._close()  # type: ignore[attr-defined]


class Authenticator:
    """Authenticates one transport once."""

    def __init__(
        self, transport: paramiko.Transport, login: Login, place: Place, observer: SessionObserver, *, legacy: bool
    ) -> None:
        self._transport = transport
        self._login = login
        self._place = place
        self._observer = observer
        self._legacy = legacy
        self._password_used = False
        self._interactive_failure = ""
        self._is_unanswered = False
        self._push_sent = False

    def run(self) -> None:
        """Log in. Errors: AuthError, ConnectTimeout, ConnectError."""
        settle_rsa_signature(self._transport, legacy=self._legacy)
        try:
            offered = self._offered()
            for _ in range(_MAX_FACTORS):
                if self._transport.is_authenticated():
                    return
                offered = self._one_factor(offered)
        except paramiko.AuthenticationException as err:
            self._refused(err)
        except (paramiko.SSHException, EOFError, OSError) as err:
            raise ConnectError(
                device=self._place.device,
                address=self._place.address,
                port=self._place.port,
                hop=self._place.hop,
                detail=f"connection lost during login: {err or type(err).__name__}",
            ) from err
        if not self._transport.is_authenticated():
            self._fail("the server keeps asking for more factors")

    def _offered(self) -> list[str]:
        """Ask with method `none`, as every OpenSSH client does first; it is no login attempt."""
        try:
            return list(self._transport.auth_none(self._login.username))
        except paramiko.BadAuthenticationType as err:
            return list(err.allowed_types)

    def _one_factor(self, offered: Sequence[str]) -> list[str]:
        login, name = self._login, self._login.username
        if "publickey" in offered and login.key_file:
            return list(self._transport.auth_publickey(name, self._key_from_file()))
        if "publickey" in offered and login.use_agent and not login.key_file:
            return self._with_agent()
        interactive = "keyboard-interactive" in offered
        has_password = bool(login.password) and not self._password_used
        if "password" in offered and has_password and not (interactive and login.one_time_code):
            self._password_used = True
            return list(self._transport.auth_password(name, login.password.reveal(), fallback=False))
        if not interactive or not (has_password or login.one_time_code):
            self._fail(f"the profile has nothing the server takes ({', '.join(offered) or 'nothing'})")
        return list(self._transport.auth_interactive(name, self._answer))

    def _key_from_file(self) -> paramiko.PKey:
        login = self._login
        phrase: Any = login.key_passphrase.reveal().encode() if login.key_passphrase else None
        try:
            key: paramiko.PKey = paramiko.PKey.from_path(user_path(login.key_file), phrase)
        except FileNotFoundError:
            self._fail(f"key file {login.key_file} does not exist")
        except (OSError, ValueError, TypeError, paramiko.SSHException, UnknownKeyType) as err:
            self._fail(f"key file {login.key_file} cannot be read ({type(err).__name__})")
        return key

    def _with_agent(self) -> list[str]:
        agent = _Agent(self._login.agent_socket)
        try:
            keys = agent.get_keys()[:MAX_AGENT_KEYS]
            if not keys:
                self._fail("no SSH agent answers, or it holds no key")
            for number, key in enumerate(keys, 1):
                try:
                    return list(self._transport.auth_publickey(self._login.username, key))
                except paramiko.AuthenticationException:
                    if number == len(keys):
                        raise
        finally:
            agent.close()
        return []

    def _answer(self, title: str, instructions: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        """Answers for keyboard-interactive; an empty list gives up without guessing."""
        answers = []
        if not prompts and instructions.strip():  # it waits for an approval elsewhere and asks nothing here
            where = self._place.hop or self._place.device
            self._observer.line(Direction.NOTE, f"{where}: {neutral(' '.join(instructions.split()))[:200]}")
        for prompt, _echo in prompts:
            answer = self._answer_one(" ".join(f"{instructions} {prompt}".split()), prompt)
            if answer is None:
                return []
            answers.append(answer)
        return answers

    def _answer_one(self, shown: str, prompt: str) -> str | None:
        if _CODE_PROMPT.search(prompt) or (self._login.one_time_code and not _PASSWORD_PROMPT.search(prompt)):
            if not self._login.one_time_code:
                self._interactive_failure = (
                    f"the server asks for a one-time code ({prompt.strip()!r}), and One-time code is off in the profile"
                )
                return None
            if self._login.push_answer:
                return self._push(shown)
            code = self._observer.one_time_code(self._place.hop or self._place.device, shown)
            if not code:
                self._interactive_failure = "nobody gave it"
                self._is_unanswered = True
            elif not self._transport.is_active():  # an SSH server waits a minute or two for a login, no longer
                self._interactive_failure = "it had closed the connection before the code was given"
                self._is_unanswered = True
                return None
            return code or None
        if self._password_used or not self._login.password:
            self._interactive_failure = "the password was refused" if self._password_used else "no password to give"
            return None
        if not _PASSWORD_PROMPT.search(prompt):
            self._interactive_failure = f"the server asks something unknown ({prompt.strip()[:80]!r})"
            return None
        self._password_used = True
        return self._login.password.reveal()

    def _push(self, shown: str) -> str | None:
        """Answer so that the server sends a push; what follows is waiting for a person elsewhere."""
        if self._push_sent:
            self._interactive_failure = f"the push was not approved ({shown[:80]!r})"
            return None
        self._push_sent = True
        where = self._place.hop or self._place.device
        self._observer.line(Direction.NOTE, f"{where}: a push was asked for; it waits until somebody approves it")
        return self._login.push_answer

    def _refused(self, err: paramiko.AuthenticationException) -> NoReturn:
        text = str(err).lower()
        if "timeout" in text:
            raise ConnectTimeout(
                device=self._place.device,
                address=self._place.address,
                port=self._place.port,
                hop=self._place.hop,
                limit_s=self._transport.auth_timeout,
                detail="no answer to the login",
            ) from err
        self._fail(self._interactive_failure)

    def _fail(self, why: str) -> NoReturn:
        kind = CodeMissing if self._is_unanswered else AuthError
        raise kind(
            device=self._place.device,
            address=self._place.address,
            port=self._place.port,
            hop=self._place.hop,
            profile=self._login.profile,
            detail=why,
        ) from None
