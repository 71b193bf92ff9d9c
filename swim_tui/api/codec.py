"""JSON of the contract: one pydantic adapter per method's parameters and result, built when first used."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import weakref
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NotRequired

import typing_extensions  # pydantic refuses typing.TypedDict below Python 3.12

from swim_tui.api.contract import hints, methods
from swim_tui.errors import BadValue, NotFound, Problem
from swim_tui.model.events import Envelope, Event, EventId, TaskChanged
from swim_tui.model.job import DeviceTask

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

_WORDS = {"missing": "this parameter is missing", "extra_forbidden": "there is no such parameter"}
SLICE = 200  # rows encoded before the event loop gets its turn: about two milliseconds
LARGE_BODY = 64 * 1024
TASK_SLICE = 10  # the same of device tasks, which hold operations and checks


@dataclass(frozen=True)
class Method:
    """How one method's keyword arguments and result travel."""

    name: str
    parameters: TypeAdapter[dict[str, Any]]
    result: TypeAdapter[Any]

    def decode_arguments(self, body: bytes) -> dict[str, Any]:
        """Keyword arguments from a request body; BadValue names the parameter that is wrong."""
        from pydantic import ValidationError

        try:
            return self.parameters.validate_json(body or b"{}", strict=True)
        except ValidationError as err:
            raise _bad_value(self.name, err) from None

    def encode_arguments(self, arguments: dict[str, Any]) -> bytes:
        """A request body from keyword arguments."""
        return self.parameters.dump_json(arguments)

    def decode_result(self, body: bytes) -> Any:
        """The result from a response body.

        Tens of thousands of new objects set off collections that find nothing and take as long as the decoding.
        """
        if len(body) < LARGE_BODY or not gc.isenabled():
            return self.result.validate_json(body)
        gc.disable()
        try:
            return self.result.validate_json(body)
        finally:
            gc.enable()


@cache
def method(name: str) -> Method:
    """The codec of one method; NotFound for a name the contract does not have."""
    from pydantic import ConfigDict, TypeAdapter

    signature = methods().get(name)
    if signature is None:
        raise NotFound(kind="engine method", name=name, listing="info")
    types = hints(name)
    names = [p for p in signature.parameters if p != "self"]
    required = {p for p in names if signature.parameters[p].default is signature.empty}
    shape = _typed_dict(name, {p: types[p] if p in required else NotRequired[types[p]] for p in names})
    shape.__pydantic_config__ = ConfigDict(extra="forbid")
    return Method(name, TypeAdapter(shape), adapter(types["return"]))


def _typed_dict(name: str, fields: dict[str, Any]) -> Any:
    make: Any = typing_extensions.TypedDict  # made at run time, from the contract: no literal that mypy could read
    return make(name, fields)


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """The adapter of any type of the contract."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _bad_value(name: str, err: ValidationError) -> BadValue:
    first = err.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "request body"
    value = "" if first["type"] == "missing" else str(first["input"])[:80]
    detail = _WORDS.get(first["type"], first["msg"][:1].lower() + first["msg"][1:])
    known = ", ".join(p for p in methods()[name].parameters if p != "self") or "no parameter"
    allowed = f"{known}, of the types in the contract"
    return BadValue(name=f"{name}: {where}", value=value, detail=detail, allowed=allowed)


class TaskTexts:
    """JSON of device tasks, made once for each: the same task goes out in an event and in every answer with its run.

    Kept by identity, as tasks are frozen, and not longer than the task lives.
    """

    def __init__(self, size: int = 4000) -> None:
        self._size = size  # about 10 KB each
        self._kept: dict[int, tuple[weakref.ref[DeviceTask], bytes]] = {}

    def __contains__(self, task: DeviceTask) -> bool:
        return id(task) in self._kept

    def json(self, task: DeviceTask) -> bytes:
        """The JSON of a task."""
        key = id(task)
        known = self._kept.get(key)
        if known is None:
            gone = weakref.ref(task, lambda _: self._kept.pop(key, None))
            known = self._kept[key] = gone, adapter(DeviceTask).dump_json(task)
            if len(self._kept) > self._size:
                del self._kept[next(iter(self._kept))]
        return known[1]


_TASKS = TaskTexts()


async def encode_result(kind: Any, value: Any) -> AsyncIterator[bytes]:
    """JSON of a result in pieces; long tuples are cut, so that 10,000 rows never hold the event loop."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and _has_long_part(value):
        from typing import get_type_hints

        types = get_type_hints(kind)
        opening = b"{"
        for part in dataclasses.fields(value):
            yield opening + b'"' + part.name.encode() + b'":'
            async for piece in _encode_part(types[part.name], getattr(value, part.name)):
                yield piece
            opening = b","
        yield b"}"
        return
    async for piece in _encode_part(kind, value):
        yield piece


def _has_long_part(value: Any) -> bool:
    parts = (getattr(value, part.name) for part in dataclasses.fields(value))
    return any(
        isinstance(part, list | tuple) and (len(part) > SLICE or (part and isinstance(part[0], DeviceTask)))
        for part in parts
    )


async def _encode_part(kind: Any, value: Any) -> AsyncIterator[bytes]:
    codec = adapter(kind)
    if kind == tuple[DeviceTask, ...] and value:
        opening, fresh = b"[", 0
        for task in value:
            fresh += task not in _TASKS
            yield opening + _TASKS.json(task)
            opening = b","
            if fresh == TASK_SLICE:
                fresh = 0
                await asyncio.sleep(0)
        yield b"]"
        return
    if not isinstance(value, list | tuple) or len(value) <= SLICE:
        yield codec.dump_json(value)
        return
    opening = b"["
    for start in range(0, len(value), SLICE):
        yield opening + codec.dump_json(value[start : start + SLICE])[1:-1]
        opening = b","
        await asyncio.sleep(0)
    yield b"]"


@cache
def _envelope() -> TypeAdapter[Any]:
    """The adapter of an Envelope as a dict: `kind` picks the event's class without trying the others."""
    from pydantic import Field

    event = Annotated[Event, Field(discriminator="kind")]
    return adapter(_typed_dict("Envelope", {"id": EventId, "event": event}))


def encode_envelope(envelope: Envelope) -> bytes:
    """One event as one line of JSON, without its line end."""
    event = envelope.event
    if isinstance(event, TaskChanged):
        return b'{"id":%b,"event":{"task":%b,"kind":"task"}}' % (
            adapter(EventId).dump_json(envelope.id),
            _TASKS.json(event.task),
        )
    return _envelope().dump_json({"id": envelope.id, "event": event})


def decode_envelope(line: bytes) -> Envelope:
    """One line of the event stream."""
    wire = _envelope().validate_json(line)
    return Envelope(id=wire["id"], event=wire["event"])


def encode_problem(problem: Problem, exit_code: int) -> bytes:
    """The body of an error answer; data that is not JSON becomes its text."""
    from pydantic_core import to_json

    return to_json({"problem": problem, "exit_code": exit_code}, fallback=str)


def decode_problem(body: bytes) -> tuple[Problem, int]:
    """Problem and exit code of an error answer."""
    from pydantic_core import from_json

    found = from_json(body)
    return adapter(Problem).validate_python(found["problem"]), int(found["exit_code"])
