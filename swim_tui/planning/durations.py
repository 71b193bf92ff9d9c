"""Estimates of how long things take, and waits divided by the engine's scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from swim_tui.model.device import Device
from swim_tui.model.options import JobOptions
from swim_tui.model.plan import Waits
from swim_tui.packs.pack import Pack

# A scaled wait is never shorter than what a loaded machine needs for one SSH login or one answer.
_LEAST_LIMIT_S = 15.0
_LEAST_STALL_S = 5.0
_LEAST_POLL_S = 0.1
_TIMES_MEASURED = 3.0  # tonight the line may be this much slower
_SHORT_STEPS_S = 20.0  # sessions, reads, boot variable and save of one device, before scaling


def scaled_waits(pack: Pack, options: JobOptions, *, scale: float = 1.0, members: int = 1) -> Waits:
    """The pack's waits for this device, divided by `scale`; stacks get more time per further member."""
    waits = pack.waits
    limit = waits.reload_limit_s + max(0, members - 1) * waits.per_member_s
    return Waits(
        reload_limit_s=max(_LEAST_LIMIT_S, limit / scale),
        poll_s=max(_LEAST_POLL_S, waits.poll_s / scale),
        first_login_after_banner_s=waits.first_login_after_banner_s / scale,
        login_interval_s=waits.login_interval_s / scale,
        max_logins=waits.max_logins,
        settle_s=waits.settle_s / scale,
        soak_s=options.soak_s / scale,
        idle_reuse_s=max(_LEAST_LIMIT_S, 300.0 / scale),
        stall_s=max(_LEAST_STALL_S, waits.stall_s / scale),
        command_s=max(_LEAST_LIMIT_S, 60.0 / scale),
        scale=scale,
    )


def copy_rate(device: Device, pack: Pack, rates: Mapping[str, float], scale: float) -> float:
    """Bytes a second to expect: measured for the device, else for its pack, else what the pack says."""
    measured = rates.get(device.name) or rates.get(pack.name)
    return measured or pack.waits.copy_bytes_per_s * scale


def copy_seconds(size_bytes: int, rate: float) -> float:
    """Expected seconds of one copy."""
    return size_bytes / max(1.0, rate)


def limit_s(seconds: float, scale: float) -> float:
    """A time-out divided by the scale, never shorter than what a loaded machine needs."""
    return max(_LEAST_LIMIT_S, seconds / scale)


def hash_limit_s(size_bytes: int, pack: Pack, scale: float = 1.0) -> float:
    """Time-out of a hash on the device: its size at the pack's floor, never under ten minutes (SPEC 7)."""
    return limit_s(max(600.0, size_bytes / max(1.0, pack.waits.hash_bytes_per_s)), scale)


def copy_limit_s(size_bytes: int, pack: Pack, scale: float = 1.0, measured: float = 0.0) -> float:
    """Time-out of one copy (DEVICE_FACTS 3.2): its size at the pack's floor, doubled until three copies at the measured
    rate fit in. One that stands still is noticed long before."""
    limit = limit_s(max(600.0, size_bytes / max(1.0, pack.waits.copy_floor_bytes_per_s)), scale)
    while measured > 0 and limit < _TIMES_MEASURED * size_bytes / measured:
        limit *= 2  # in steps, so that a plan made again has the same lines
    return limit


def short_steps_s(scale: float) -> float:
    """Seconds of the short steps of one phase."""
    return _SHORT_STEPS_S / scale


def rollback_s(outage_s: float, scale: float) -> float:
    """Seconds to go back: boot variable, save and one more reload."""
    return outage_s + short_steps_s(scale)


def makespan_s(durations: Sequence[float], at_once: int) -> float:
    """Wall time of tasks of these durations with `at_once` side by side, longest first."""
    lanes = [0.0] * max(1, at_once)
    for seconds in sorted(durations, reverse=True):
        lane = lanes.index(min(lanes))
        lanes[lane] += seconds
    return max(lanes, default=0.0)


def words(seconds: float) -> str:
    """Seconds as people say them: `45 s`, `12 m`, `11 h 18 m`, `3 d 4 h`."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} m"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} m" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
