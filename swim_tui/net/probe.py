"""How far a device's SSH port answers, without a login: what a reload is watched with."""

from __future__ import annotations

import time

from swim_tui.errors import ConnectRefused, NoFreeVty, SwimError, describe
from swim_tui.model.endpoint import Endpoint
from swim_tui.net.contract import Probe, ProbeStage, SessionObserver
from swim_tui.net.jumps import JumpPool
from swim_tui.net.text import neutral

_BANNER_MAX = 8_192
_TICK_S = 0.25


def probe(pool: JumpPool, endpoint: Endpoint, observer: SessionObserver, timeout_s: float) -> Probe:
    """TCP, then the SSH greeting; nothing is sent."""
    limit = time.monotonic() + timeout_s
    try:
        sock = pool.socket(endpoint, observer, timeout_s)
    except ConnectRefused as err:
        return Probe(ProbeStage.REFUSED, describe(err).message)
    except NoFreeVty:
        return Probe(ProbeStage.CLOSED, "closed before the SSH greeting")
    except SwimError as err:
        return Probe(ProbeStage.UNREACHABLE, describe(err).message)
    seen = b""
    try:
        sock.settimeout(_TICK_S)
        while len(seen) < _BANNER_MAX:
            try:
                data = sock.recv(1_024)
            except TimeoutError:
                if time.monotonic() >= limit:
                    return Probe(ProbeStage.UNREACHABLE, f"connected, but no SSH greeting within {timeout_s:g} s")
                continue
            if not data:
                return Probe(ProbeStage.CLOSED, "closed before the SSH greeting")
            seen += data
            for line in seen.split(b"\n")[:-1]:
                if line.startswith(b"SSH-"):
                    return Probe(ProbeStage.BANNER, neutral(line.decode("utf-8", "replace").rstrip("\r"))[:120])
    except OSError as err:
        return Probe(ProbeStage.CLOSED, f"closed before the SSH greeting: {err}")
    finally:
        sock.close()
    return Probe(ProbeStage.CLOSED, "answers, but not with an SSH greeting")
