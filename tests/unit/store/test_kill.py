"""kill -9 at random moments: nothing that was acknowledged is lost, and the store opens.

Twenty kills; SWIM_TUI_LONG=1 makes it two hundred.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from swim_tui.store import Database, NoticeKind, read_log
from swim_tui.store.frames import frame
from tests.unit.store.things import others, things

KILLS = 200 if os.environ.get("SWIM_TUI_LONG") else 20
KEYS = 40

# A small limit makes it compact all the time; eight changes are always on their way. Each line read is a process of
# its own, forked from one that has imported everything.
_WRITER = """
import os, sys
from collections import deque
from pathlib import Path
from swim_tui.store import Database, LogWriter
from tests.unit.store.things import Other, Thing, others, things

def write(root, n, keys):
    print(os.getpid(), flush=True)
    writer = LogWriter()
    database = Database(root / "store", writer=writer, compact_bytes=4000)
    run = writer.open(root / "events.jsonl")
    table, other = things(database), others(database)
    under_way = deque()
    while True:
        n += 1
        under_way.append((n, run.append(b"[%d]" % n),
            database.batch([(table, Thing(f"t{n % keys}", n)), (other, Other("last", str(n)))])))
        if len(under_way) == 8:
            number, event, change = under_way.popleft()
            event.result()
            change.result()
            os.write(1, b"%d\\n" % number)  # in one piece, or not at all

while line := sys.stdin.readline():
    pid = os.fork()
    if not pid:
        write(Path(sys.argv[1]), int(line), int(sys.argv[2]))
    os.waitpid(pid, 0)
    print("dead", flush=True)
"""


def run_and_kill(writer: subprocess.Popen[str], begin: int, after_s: float) -> int:
    """Let a process write from `begin` on, kill it, and return the last number it acknowledged."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(f"{begin}\n")
    writer.stdin.flush()
    pid = int(writer.stdout.readline())
    acknowledged = int(writer.stdout.readline())
    time.sleep(after_s)  # the moment of the kill is what is random here, nothing is waited for
    os.kill(pid, signal.SIGKILL)
    while (line := writer.stdout.readline().strip()) != "dead":
        acknowledged = int(line)
    return acknowledged


def check(root: Path, acknowledged: int) -> int:
    """Open what was left; returns the last change that is in it."""
    with Database(root / "store") as database:
        assert {notice.kind for notice in database.notices} <= {NoticeKind.TORN_TAIL}
        last = others(database).get("last")
        assert last is not None
        n = int(last.thing)
        assert n >= acknowledged
        found = {thing.name: thing.size for thing in things(database).all()}
    assert found == {f"t{i % KEYS}": i for i in range(max(1, n - KEYS + 1), n + 1)}
    events, _ = read_log(root / "events.jsonl")
    numbers = {int(event.strip(b"[]")) for event in events}
    assert set(range(1, acknowledged + 1)) <= numbers
    return n


@pytest.mark.timeout(900)
def test_killed_at_random_moments_no_acknowledged_change_is_lost(tmp_path: Path) -> None:
    chance = random.Random()
    n = 0
    command = [sys.executable, "-c", _WRITER, str(tmp_path), str(KEYS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(KILLS):
            acknowledged = run_and_kill(writer, n, chance.uniform(0, 0.15))
            n = check(tmp_path, acknowledged)
            (tmp_path / "events.jsonl").write_bytes(b"".join(_event_lines(n)))


def _event_lines(n: int) -> list[bytes]:
    """The journal of a run as it would be when the next process goes on at n."""
    return [frame(b"[%d]" % i) for i in range(1, n + 1)]
