"""Dataclasses of the model to one line of JSON and back."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """The adapter of a type, built once."""
    return TypeAdapter(kind)


def encode(value: object, kind: Any) -> bytes:
    """JSON without line feeds."""
    return adapter(kind).dump_json(value)


def decode(data: bytes | str, kind: type[T]) -> T:
    """The value again; raises pydantic's ValidationError for text that is not one."""
    known: Any = kind
    found: T = adapter(known).validate_json(data)
    return found
