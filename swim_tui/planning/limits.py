"""How much moves at once, in the words of the plan: per run, server, jump host, and line into a site (N24)."""

from __future__ import annotations

from collections.abc import Sequence

from swim_tui.model.options import JobOptions
from swim_tui.model.plan import DevicePlan, ServerPlan


def limit_words(
    options: JobOptions, copies: Sequence[DevicePlan], servers: Sequence[ServerPlan], max_per_jump: int
) -> tuple[str, ...]:
    """One phrase for each limit that this plan meets; `copies` are the devices that get an image."""
    if not any(plan.distribution_s for plan in copies):
        return ()
    found = [f"{options.max_distribution} devices copy at once"]
    found += [f"{server.max_pulls} pull at once from {server.server}" for server in servers]
    if max_per_jump and any(_is_pushed(plan) for plan in copies):
        found.append(f"{max_per_jump} pushes at once through one jump host")
    lines = {server.server: server.bytes_per_s for server in servers if server.bytes_per_s}
    lines |= {plan.site_line: plan.site_bytes_per_s for plan in copies if plan.site_line}
    found += [
        f"uploads and pushes over the line to {name} keep to {rate / 125_000:g} Mbit/s"
        for name, rate in sorted(lines.items())
    ]
    return tuple(found)


def _is_pushed(plan: DevicePlan) -> bool:
    return bool(plan.distribution_s) and not plan.servers
