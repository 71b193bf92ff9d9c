"""A real State in a temporary directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.groups import GroupService
from swim_tui.engine.services.hostkeys import HostKeyService
from swim_tui.engine.services.inventory import InventoryService
from swim_tui.engine.state import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    found = State.open(tmp_path / "data", key_file=tmp_path / "config" / "vault.key")
    yield found
    found.close()


@pytest.fixture
def credentials(state: State) -> CredentialsService:
    return CredentialsService(state)


@pytest.fixture
def groups(state: State) -> GroupService:
    return GroupService(state)


@pytest.fixture
def host_keys(state: State) -> HostKeyService:
    return HostKeyService(state)


@pytest.fixture
def inventory(state: State, credentials: CredentialsService) -> InventoryService:
    return InventoryService(state, credentials)
