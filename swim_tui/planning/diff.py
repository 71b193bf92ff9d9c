"""What differs between an approved plan and the one made now, in what matters (SPEC 4)."""

from __future__ import annotations

from swim_tui.model.plan import DevicePlan, Operation, OpKind

# Steps that may be missing now because they were done meanwhile.
_MAY_BE_DONE = frozenset({OpKind.DELETE_FILES, OpKind.COPY_IMAGE, OpKind.ENABLE_SCP, OpKind.DISABLE_SCP})


def differences(approved: DevicePlan, now: DevicePlan) -> tuple[str, ...]:
    """Each difference as `what: X -> Y`; uptime, sufficient free space and steps done meanwhile are none."""
    found: list[str] = []
    _compare(found, "included", _inclusion(approved), _inclusion(now))
    if found:
        return tuple(found)
    if now.skipped_because:
        return ()
    for name in ("image_file", "image_id", "from_version", "to_version", "from_image", "to_image", "pack"):
        _compare(found, name.replace("_", " "), getattr(approved, name), getattr(now, name))
    _compare(found, "image set", ", ".join(approved.image_ids), ", ".join(now.image_ids))
    _operations(found, approved, now)
    _space(found, now)
    return tuple(found)


def _inclusion(plan: DevicePlan) -> str:
    return "yes" if plan.included else f"no, {plan.excluded_because}"


def _compare(found: list[str], what: str, before: str, after: str) -> None:
    if before != after:
        found.append(f"{what}: {before or 'nothing'} -> {after or 'nothing'}")


def _operations(found: list[str], approved: DevicePlan, now: DevicePlan) -> None:
    was = {op.id: op for op in approved.operations}
    new = {op.id: op for op in now.operations}
    for op_id, op in new.items():
        if op_id not in was:
            found.append(f"operation: nothing -> {op.title}")
    for op_id, op in was.items():
        if op_id in new:
            _one(found, op, new[op_id])
        elif op.kind not in _MAY_BE_DONE:
            found.append(f"operation: {op.title} -> nothing")


def _one(found: list[str], before: Operation, after: Operation) -> None:
    gone = {d.path for d in before.deletions}
    more = [d.path for d in after.deletions if d.path not in gone]
    if more:
        found.append(f"files to delete: {', '.join(sorted(gone)) or 'none'} -> also {', '.join(more)}")
    if before.kind is OpKind.DELETE_FILES:
        return  # fewer deletions are fine, more were said
    _compare(found, "boot variable before", "; ".join(before.previous_boot_list), "; ".join(after.previous_boot_list))
    _compare(found, f"lines of {before.title}", _typed(before), _typed(after))
    _compare(found, f"hash of {before.path}", before.digest, after.digest)


def _typed(op: Operation) -> str:
    return "; ".join(line.text for line in op.lines if line.changes)


def _space(found: list[str], now: DevicePlan) -> None:
    for line in now.space:
        if line.free_bytes is not None and line.free_bytes + line.freed_bytes < line.required_bytes:
            found.append(f"space on {line.file_system.removesuffix(':')}: enough -> {line.free_bytes} bytes free")
