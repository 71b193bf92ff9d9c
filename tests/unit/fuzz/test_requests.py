"""Requests of any content at the door and behind it: an answer or a sentence, and an engine that goes on."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.api.codec import method
from swim_tui.api.contract import hints, methods
from swim_tui.engine.core import Engine
from swim_tui.errors import BadValue, SwimError
from tests.unit.engine.fakes import AUTO, FakeClock, ScriptedRunner, add_devices, start_engine
from tests.unit.fuzz.fuzzing import LONG, said, text, trees, tried

METHODS = sorted(set(methods()) - {"stop_engine"})
KNOWN = (
    "r1", "r2", "lab", "West", "PSIRT", "asr1002", "10010001", "20010001", "sequential", "192.0.2.1", "on", "key-file",
)  # fmt: skip
BODIES = trees.map(lambda tree: json.dumps(tree, default=str).encode("utf-8", "replace"))
EXAMPLES = 6


def of_type(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type of the contract; names that exist are among them."""
    if kind is str:
        return st.one_of(st.sampled_from(KNOWN), text)
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.one_of(st.integers(-2, 70_000), st.integers())
    if kind is float:
        return st.one_of(st.floats(0, 100), st.floats())
    if kind is datetime:
        return st.integers(-10, 10_000).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n))
    if kind is type(None):
        return st.none()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if dataclasses.is_dataclass(kind):
        types = hints_of(kind)
        required = {f.name: of_type(types[f.name]) for f in dataclasses.fields(kind) if not _has_default(f)}
        optional = {f.name: of_type(types[f.name]) for f in dataclasses.fields(kind) if _has_default(f)}
        return st.fixed_dictionaries(required, optional=optional).map(lambda values: kind(**values))
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (list, tuple):
        made = st.lists(of_type(parts[0]), max_size=2)
        return made.map(tuple) if origin is tuple else made
    if origin is dict:
        return st.dictionaries(of_type(parts[0]), of_type(parts[1]), max_size=2)
    if parts:
        return st.one_of(*(of_type(part) for part in parts))
    raise AssertionError(f"no strategy for {kind}")


def hints_of(kind: Any) -> dict[str, Any]:
    from typing import get_type_hints

    return get_type_hints(kind)


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def arguments(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments of a method, each of its declared type."""
    wanted = {key: of_type(kind) for key, kind in hints(name).items() if key != "return"}
    return st.fixed_dictionaries(wanted)


@pytest.mark.parametrize("name", sorted(methods()))
@tried(8)
@given(
    body=st.one_of(
        st.binary(max_size=40), trees.map(lambda tree: json.dumps(tree, default=str).encode("utf-8", "replace"))
    )
)
def test_a_body_is_taken_or_refused_with_the_parameter(name: str, body: bytes) -> None:
    try:
        taken = method(name).decode_arguments(body)
    except BadValue as err:
        said(err)
        return
    assert set(taken) <= set(hints(name))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    made = await start_engine(tmp_path, ScriptedRunner(AUTO), FakeClock())
    await add_devices(made, "r1", "r2")
    yield made
    await made.stop()


async def test_every_method_answers_or_refuses_in_words_whatever_it_is_given(engine: Engine) -> None:
    loop = asyncio.get_running_loop()
    count = 0

    async def call(name: str, given_arguments: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(20):
                await getattr(engine.api, name)(**given_arguments)
        except SwimError as err:
            said(err)

    def try_method(name: str) -> None:
        @tried(EXAMPLES)
        @given(values=arguments(name))
        def one(values: dict[str, Any]) -> None:
            nonlocal count
            count += 1
            asyncio.run_coroutine_threadsafe(call(name, values), loop).result(60)

        one()

    wrong: dict[str, str] = {}
    for name in METHODS:
        try:
            await asyncio.to_thread(try_method, name)
        except Exception as err:  # noqa: BLE001 - the failures of all methods are told at once
            notes = " ".join(getattr(err, "__notes__", []))
            wrong[name] = f"{type(err).__name__}: {str(err)[:200]} {notes[:1500]}"
        assert await engine.api.hello()
    assert not wrong, "\n".join(f"{name}: {text}" for name, text in wrong.items())
    assert count >= (LONG or EXAMPLES) * len(METHODS) // 2
