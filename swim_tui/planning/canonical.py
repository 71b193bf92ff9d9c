"""Canonical JSON of plans and their SHA-256.

The hash stands for what will be done: what changes from one reading to the next without changing the plan (times,
free space, rates, checks) is left out of it, so that the same plan made twice has one hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from swim_tui.model.plan import DevicePlan, RunPlan

# Field names per type that never enter the hash.
VOLATILE: dict[str, frozenset[str]] = {
    "RunPlan": frozenset(
        {"sha256", "made_at", "expected_distribution_s", "expected_activation_s", "warnings", "limits"}
    ),
    "DevicePlan": frozenset({"facts_at", "outage_s", "distribution_s", "checks", "excluded_because"}),
    "ServerPlan": frozenset({"upload_s", "is_login_proven"}),
    "SpaceLine": frozenset({"free_bytes"}),
    "Operation": frozenset({"expected_s"}),
}


def plain(value: Any, *, stable: bool = False) -> Any:
    """A dataclass tree as JSON values; `stable` leaves out the volatile fields."""
    if is_dataclass(value) and not isinstance(value, type):
        left_out = VOLATILE.get(type(value).__name__, frozenset()) if stable else frozenset()
        return {f.name: plain(getattr(value, f.name), stable=stable) for f in fields(value) if f.name not in left_out}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v, stable=stable) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(v, stable=stable) for v in value)
    if isinstance(value, (list, tuple)):
        return [plain(v, stable=stable) for v in value]
    return value


def canonical_json(value: Any, *, stable: bool = False) -> str:
    """Sorted keys, no blanks, no NaN: one text for one value."""
    tree = plain(value, stable=stable)
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def plan_hash(plan: RunPlan | DevicePlan) -> str:
    """SHA-256, hex, over the stable canonical JSON."""
    return hashlib.sha256(canonical_json(plan, stable=True).encode()).hexdigest()
