"""Logging in to a host of the lab by password, given at once or typed at a question."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any

import asyncssh


class PasswordLogin(ABC, asyncssh.SSHServer):
    """asyncssh's view of one connection, until somebody is logged in."""

    _conn: asyncssh.SSHServerConnection | None = None

    @abstractmethod
    def admits(self, username: str, password: str) -> bool:
        """Whether this password is right; counted."""

    def end_soon(self) -> None:
        """End the connection, once its last answer is out."""
        if self._conn is not None:
            asyncio.get_running_loop().call_later(0.05, self._conn.abort)

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """The connection starts."""
        self._conn = conn

    def begin_auth(self, username: str) -> bool:
        """Everybody has to log in."""
        return True

    def password_auth_supported(self) -> bool:
        """Yes."""
        return True

    def kbdint_auth_supported(self) -> bool:
        """Yes."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Check a password."""
        return self.admits(username, password)

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        """One question."""
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        """Check the answer."""
        return len(responses) == 1 and self.admits(username, responses[0])
