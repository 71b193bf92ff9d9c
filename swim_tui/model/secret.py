"""Secrets that cannot be printed, and what logs in with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn


class Secret:
    """A string that shows as *** wherever it is printed; `reveal` is the one way to the text.

    It can be pickled (a phase carries it to its worker over a private socket pair) but not serialised to JSON.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; call it only where it is typed or sent."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, (self._text,)

    def __iter__(self) -> NoReturn:
        raise TypeError("a Secret is not iterable")


NO_SECRET = Secret("")


@dataclass(frozen=True)
class Login:
    """A credential profile with its secrets in memory, as handed to a worker."""

    profile: str
    username: str
    password: Secret = NO_SECRET
    enable: Secret = NO_SECRET
    key_file: str = ""
    key_passphrase: Secret = NO_SECRET
    use_agent: bool = False
    agent_socket: str = ""
    one_time_code: bool = False  # keyboard-interactive asks for a code that a person must give
    push_answer: str = ""  # typed where a code is asked, so that the server sends a push; then only waiting is left
    read_only: bool = False  # no session of this login may send a changing line
    more: tuple[tuple[str, Secret], ...] = ()  # further secrets that dialogues type, by name: those of SWIM servers

    def named(self, name: str) -> Secret:
        """The secret that a dialogue types under this name; empty when there is none."""
        own = {"password": self.password, "enable": self.enable}
        return own.get(name) or dict(self.more).get(name, NO_SECRET)

    def secrets(self) -> tuple[str, ...]:
        """Every secret text that must be masked in what is logged."""
        held = (self.password, self.enable, self.key_passphrase, *(secret for _, secret in self.more))
        return tuple({s.reveal() for s in held if s})


@dataclass(frozen=True)
class CredentialProfile:
    """What may be shown of a credential profile: which secrets exist, never what they are."""

    name: str
    username: str
    has_password: bool = False
    has_enable: bool = False
    key_file: str = ""
    use_agent: bool = False
    one_time_code: bool = False
    push_answer: str = ""  # what is typed where a code is asked, so that the server sends a push: 1, push
    read_only: bool = False  # it never sends a changing command
    parked: bool = False  # one rejected login parks it until a person confirms it again
    parked_reason: str = ""
