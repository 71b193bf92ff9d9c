"""Credential profiles: what may be shown is in the store, the secrets are in the vault only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from swim_tui.engine.services.inventory_schema import CredentialEntry
from swim_tui.engine.services.settings import DEFAULT_PROFILE, value_of
from swim_tui.engine.state import State
from swim_tui.engine.vaultkey import agent_answers
from swim_tui.errors import AgentMissing, BadValue, Conflict, NotFound, SecretMissing
from swim_tui.model.events import InventoryChanged
from swim_tui.model.secret import CredentialProfile, Login, Secret
from swim_tui.paths import user_path

SECRETS = ("password", "enable", "key_passphrase")


class CredentialsService:
    """The profiles of one engine."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def credentials(self) -> list[CredentialProfile]:
        """Every profile, by name; never its secrets."""
        return sorted(self._state.tables.profiles.all(), key=lambda p: p.name)

    async def add_credentials(
        self,
        name: str,
        username: str,
        password: str = "",
        enable: str = "",
        key_file: str = "",
        key_passphrase: str = "",
        use_agent: bool = False,
        one_time_code: bool = False,
        push_answer: str = "",
        read_only: bool = False,
        keep: bool = False,
    ) -> CredentialProfile:
        """Add or replace a profile; replacing confirms a parked one. A push needs a person as a code does.

        With `keep` a secret that is given empty stays as it is stored.
        """
        one_time_code = one_time_code or bool(push_answer)
        held = await asyncio.to_thread(self._held, name) if keep else {}
        password, enable = password or held.get("password", ""), enable or held.get("enable", "")
        key_passphrase = key_passphrase or held.get("key_passphrase", "")
        if not name.strip() or not name.isprintable() or "/" in name:
            raise BadValue(
                name="name", value=name, detail="it is empty or holds '/'", allowed="a name such as lab-admin"
            )
        if not username and not one_time_code:
            raise BadValue(name="username", value="", detail="it is empty", allowed="the user that logs in")
        if key_file and not await asyncio.to_thread(_is_file, key_file):
            raise BadValue(
                name="key_file", value=key_file, detail="there is no such file", allowed="a private key's path"
            )
        if not (password or key_file or use_agent or one_time_code):
            raise BadValue(
                name="password", value="", detail="the profile has nothing to log in with",
                allowed="a password, a key file, the agent or one-time codes",
            )  # fmt: skip
        entry = CredentialEntry(
            name, username, Secret(password), Secret(enable), key_file, Secret(key_passphrase), use_agent,
            one_time_code, push_answer, read_only,
        )  # fmt: skip
        await self.store([entry])
        self._state.hub.publish(InventoryChanged())
        found = self._state.tables.profiles.get(name)
        assert found is not None  # it was put a line ago, on this loop
        return found

    async def confirm_credentials(self, name: str, by: str = "") -> CredentialProfile:
        """A person says that a parked profile is right: it may log in again."""
        profile = self._state.tables.profiles.get(name)
        if profile is None:
            raise NotFound(kind="credential profile", name=name, listing="credentials list")
        if profile.parked:
            profile = replace(profile, parked=False, parked_reason="")
            await asyncio.wrap_future(self._state.tables.profiles.put(profile))
            self._state.notify("warning", f"credential profile '{name}' confirmed by {by or 'unknown'}")
            self._state.hub.publish(InventoryChanged())
        return profile

    async def remove_credentials(self, name: str) -> None:
        """Remove one that nothing uses."""
        tables = self._state.tables
        if name not in tables.profiles:
            raise NotFound(kind="credential profile", name=name, listing="credentials list")
        users = [d.name for d in tables.devices.all() if d.credentials == name]
        users += [j.name for j in tables.jumps.all() if j.credentials == name]
        users += [f"group {g.name}" for g in tables.groups.all() if g.credentials == name]
        users += [s.name for s in tables.servers.all() for row in s.protocols if row.credentials == name]
        if value_of(self._state, DEFAULT_PROFILE) == name:
            users.append(f"the setting {DEFAULT_PROFILE}")
        if users:
            more = f" and {len(users) - 1} more" if len(users) > 1 else ""
            raise Conflict(
                detail=f"credential profile '{name}' is used by {users[0]}{more}",
                action="give them another profile first",
            )
        await asyncio.wrap_future(tables.profiles.delete(name))
        await asyncio.to_thread(self._state.vault.delete, name)
        self._state.hub.publish(InventoryChanged())

    def _held(self, name: str) -> dict[str, str]:
        try:
            return self._state.vault.get(name)
        except SecretMissing:
            return {}

    async def store(self, entries: Iterable[CredentialEntry]) -> None:
        """Secrets to the vault first, then the profiles: a profile never promises a secret that is not there."""
        held = list(entries)
        for entry in held:
            await asyncio.to_thread(self._state.vault.put, entry.name, _values(entry))
        await asyncio.wrap_future(self._state.tables.profiles.put_many([_profile(entry) for entry in held]))

    async def is_same(self, entry: CredentialEntry) -> bool | None:
        """Whether an entry says what is stored; None when there is no such profile."""
        profile = self._state.tables.profiles.get(entry.name)
        if profile is None:
            return None
        try:
            kept = await asyncio.to_thread(self._state.vault.get, entry.name)
        except SecretMissing:
            return False
        return kept == _values(entry) and replace(profile, parked=False, parked_reason="") == _profile(entry)

    def login(self, name: str) -> Login:
        """The profile with its secrets, for a worker; SecretMissing when there is none. Blocks for the vault."""
        if not name:
            raise BadValue(
                name="credentials",
                value="",
                detail="no credential profile is named",
                allowed="one: swim-tui credentials list",
            )
        profile = self._state.tables.profiles.get(name)
        if profile is None:
            raise SecretMissing(profile=name)
        kept = self._state.vault.get(name)
        password, enable, passphrase = (Secret(kept.get(key, "")) for key in SECRETS)
        return Login(
            profile=name,
            username=profile.username,
            password=password,
            enable=enable,
            key_file=str(user_path(profile.key_file)) if profile.key_file else "",
            key_passphrase=passphrase,
            use_agent=profile.use_agent,
            agent_socket=self._agent(profile) if profile.use_agent and not profile.key_file else "",
            one_time_code=profile.one_time_code,
            push_answer=profile.push_answer,
            read_only=profile.read_only,
        )

    def _agent(self, profile: CredentialProfile) -> str:
        """The agent of the client that attached last; AgentMissing when it does not answer."""
        path = self._state.agent_socket
        if not path:
            raise AgentMissing(profile=profile.name, detail="no client has attached with one")
        if not agent_answers(path):
            detail = f"that of the last client is gone ({path})"
            raise AgentMissing(profile=profile.name, detail=detail)
        return path

    async def park(self, name: str, reason: str) -> None:
        """Nobody logs in with this profile until a person has confirmed it again (SPEC 9)."""
        profile = self._state.tables.profiles.get(name)
        if profile is not None and not profile.parked:
            parked = replace(profile, parked=True, parked_reason=reason)
            await asyncio.wrap_future(self._state.tables.profiles.put(parked))
            self._state.notify("error", f"credential profile '{name}' is parked: {reason}")
            self._state.hub.publish(InventoryChanged())


def _is_file(path: str) -> bool:
    """True when a file is there; a name that cannot be one (too long, of no user) is none."""
    try:
        return user_path(path).is_file()
    except (OSError, RuntimeError, ValueError):
        return False


def _values(entry: CredentialEntry) -> dict[str, str]:
    held = {"password": entry.password, "enable": entry.enable, "key_passphrase": entry.key_passphrase}
    return {key: secret.reveal() for key, secret in held.items() if secret}


def _profile(entry: CredentialEntry) -> CredentialProfile:
    return CredentialProfile(
        name=entry.name,
        username=entry.username,
        has_password=bool(entry.password),
        has_enable=bool(entry.enable),
        key_file=entry.key_file,
        use_agent=entry.use_agent,
        one_time_code=entry.one_time_code,
        push_answer=entry.push_answer,
        read_only=entry.read_only,
    )
