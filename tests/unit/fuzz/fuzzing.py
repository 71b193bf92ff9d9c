"""How much is tried: a little with every test run, as much as SWIM_TUI_FUZZ says in the long form."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from swim_tui.errors import SwimError, describe

LONG = int(os.environ.get("SWIM_TUI_FUZZ", "0"))
"""Inputs for each test, instead of a few dozen: SWIM_TUI_FUZZ=5000 pytest tests/unit/fuzz."""

NASTY = (
    "", " ", "\t", "\n", "\0", "\x1b[2J", "\x1b]0;x\x07", "\u202e", "é", "ß\u0301", "../../etc/passwd", "-rf", "$(id)",
    "`id`", "a/b", ".", "..", "%s%n", "{x}", "[red]x[/red]", "null", "true", "1e400", "NaN",
    "0x10", "9" * 40, "a" * 300, "'; DROP", "2001:db8::1", "10.0.0.1", "10.0.0.256", "SHA256:x", "\ud800",
)  # fmt: skip
text = st.one_of(st.sampled_from(NASTY), st.text(max_size=30))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text)
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
    max_leaves=12,
)


def tried(count: int) -> settings:
    """Settings of a fuzz test: `count` inputs, or as many as the long form wants."""
    return settings(
        max_examples=LONG or count,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.function_scoped_fixture,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
        ],
    )


@st.composite
def mutated(draw: Callable[[Any], Any], document: Any) -> Any:
    """A document with some of its values replaced, removed, doubled or put elsewhere."""
    copy = yaml.safe_load(yaml.safe_dump(document))
    for _ in range(draw(st.integers(1, 4))):
        copy = _mutate(draw, copy)
    return copy


def _mutate(draw: Callable[[Any], Any], node: Any) -> Any:
    if isinstance(node, dict) and node:
        key = draw(st.sampled_from(sorted(node, key=str)))
        match draw(st.sampled_from(("deeper", "deeper", "replace", "remove", "rename", "add"))):
            case "deeper":
                node[key] = _mutate(draw, node[key])
            case "replace":
                node[key] = draw(trees)
            case "remove":
                del node[key]
            case "rename":
                node[draw(text)] = node.pop(key)
            case _:
                node[draw(text)] = draw(trees)
        return node
    if isinstance(node, list) and node:
        at = draw(st.integers(0, len(node) - 1))
        match draw(st.sampled_from(("deeper", "deeper", "replace", "remove", "double"))):
            case "deeper":
                node[at] = _mutate(draw, node[at])
            case "replace":
                node[at] = draw(trees)
            case "remove":
                del node[at]
            case _:
                node.append(node[at])
        return node
    return draw(trees)


def said(err: SwimError) -> str:
    """What a person is told: a sentence of one line, and no words of Python."""
    problem = describe(err)
    line = problem.one_line()
    assert problem.message
    assert problem.code.startswith("SWIM-")
    assert problem.code != "SWIM-9999", line
    assert "Traceback" not in line
    assert "\n" not in line
    return line
