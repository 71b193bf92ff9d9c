"""Transfers against OpenSSH, ratios in one interleaved run: `python -m tests.benchmarks.transfer [--quick]`.

The target is a private sshd on loopback. Same cipher (aes128-gcm) for us and OpenSSH, connection set-up included.
"netmiko": its file_transfer cannot talk to sshd (it wants a Cisco prompt and `dir`), so its transfer path is used as it
is: paramiko.SSHClient with default settings, so aes128-ctr, and the scp package as netmiko's SCPConn calls it.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import resource
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko
import scp as scp_package

from swim_tui.model.endpoint import Endpoint, Hop, HostKey
from swim_tui.model.phase import Direction
from swim_tui.model.secret import Login
from swim_tui.net.service import SshNet
from tests.integration.net.sshd import USER, Sshd, make_key

CIPHER = "aes128-gcm@openssh.com"
MB = 1_000_000
MIB = 1 << 20
RATE = MB  # bytes a second that a slow device takes
# A device that takes RATE: in Perl, because a hundred Python interpreters would be what is measured.
SLOW_SINK = r"""
use Time::HiRes qw(time sleep);
my $rate = shift; my ($head, $data, $done) = ("", "", 0);
syswrite STDOUT, "\0";
while ($head !~ /\n$/) { sysread(STDIN, my $one, 1) or exit 1; $head .= $one; }
my $size = (split / /, $head)[1];
syswrite STDOUT, "\0";
my $began = time;
while ($done <= $size) {
    my $want = $size + 1 - $done; $want = 65536 if $want > 65536;
    my $got = sysread(STDIN, $data, $want) or exit 1;
    $done += $got;
    my $ahead = $done / $rate - (time - $began);
    sleep $ahead if $ahead > 0.02;
}
syswrite STDOUT, "\0";
sysread(STDIN, $data, 1);
"""


class Quiet:
    """An observer with nothing to say."""

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        """Nothing."""

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        """Nothing."""

    def cancelled(self) -> bool:
        """Never."""
        return False

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        """Nobody."""
        return None


class Ground:
    """The servers, keys and files of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = make_key(folder / "key")
        self.login = Login("bench", USER, key_file=str(self.key))
        options = [f"Ciphers {CIPHER}", "LogLevel ERROR", "MaxSessions 200", "MaxStartups 500"]
        sink = folder / "sink.pl"
        sink.write_text(SLOW_SINK)
        force = f'ForceCommand case "$SSH_ORIGINAL_COMMAND" in *slow*) exec perl {sink} {RATE};; '
        force += '*) exec /bin/sh -c "$SSH_ORIGINAL_COMMAND";; esac'
        self.plain = Sshd(folder / "plain", self.key, options[1:]).start()
        self.target = Sshd(folder / "target", self.key, [*options, force]).start()
        self.jump = Sshd(folder / "jump", self.key, options).start()
        hosts = folder / "known_hosts"
        servers = (self.target, self.jump)
        hosts.write_text("".join(f"[127.0.0.1]:{s.port} {s.public_key}\n" for s in servers))
        self.config = folder / "ssh_config"
        self.config.write_text(
            f"Host *\n User {USER}\n IdentityFile {self.key}\n IdentitiesOnly yes\n UserKnownHostsFile {hosts}\n"
            f" GlobalKnownHostsFile /dev/null\n Ciphers {CIPHER}\n LogLevel ERROR\n"
        )
        self.known = tuple(HostKey("127.0.0.1", s.port, s.public_key) for s in servers)

    def endpoint(self, *, jump: bool) -> Endpoint:
        """The target, direct or through the jump host."""
        hops = (Hop("jump", "127.0.0.1", self.jump.port, self.login),) if jump else ()
        return Endpoint("target", "127.0.0.1", self.target.port, self.login, hops=hops, known_hosts=self.known)

    def scp_command(self, source: Path, remote: str, *, jump: bool) -> list[str]:
        """OpenSSH's own scp with the legacy protocol."""
        via = ["-J", f"{USER}@127.0.0.1:{self.jump.port}"] if jump else []
        place = f"127.0.0.1:{remote}"
        return ["scp", "-O", "-q", "-F", str(self.config), *via, "-P", str(self.target.port), str(source), place]

    def close(self) -> None:
        """Stop the servers."""
        for server in (self.target, self.jump, self.plain):
            server.kill()


def ours(ground: Ground, source: Path, remotes: Sequence[str], *, jump: bool) -> float:
    """Push to every remote name at once, in this process's threads; seconds, connection included."""
    net = SshNet(ground.folder / "none")
    began = time.perf_counter()

    def one(remote: str) -> None:
        net.push_scp(
            ground.endpoint(jump=jump),
            Quiet(),
            str(source),
            remote,
            on_progress=lambda _progress: None,
            stall_s=60,
            last_answer_s=60,
        )

    with ThreadPoolExecutor(len(remotes)) as pool:
        list(pool.map(one, remotes))
    took = time.perf_counter() - began
    net.close()
    return took


def openssh(ground: Ground, source: Path, remotes: Sequence[str], *, jump: bool) -> float:
    """The same with one scp process for each."""
    began = time.perf_counter()
    running = [subprocess.Popen(ground.scp_command(source, remote, jump=jump)) for remote in remotes]
    if any(process.wait() for process in running):
        raise RuntimeError("scp failed")
    return time.perf_counter() - began


def netmiko_like(ground: Ground, source: Path, remote: str) -> float:
    """Paramiko and scp with the settings netmiko uses."""
    began = time.perf_counter()
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        "127.0.0.1",
        ground.plain.port,
        USER,
        key_filename=str(ground.key),
        look_for_keys=False,
        allow_agent=False,
    )
    with scp_package.SCPClient(client.get_transport(), socket_timeout=10.0) as transfer:
        transfer.put(str(source), remote)
    client.close()
    return time.perf_counter() - began


class Team:
    """Worker processes that are up before the clock starts; each pushes its share when told."""

    def __init__(self, work: Callable[..., None], shares: Sequence[tuple[object, ...]]) -> None:
        context = multiprocessing.get_context("spawn")
        self._ready = context.Barrier(len(shares) + 1)
        self._go = context.Barrier(len(shares) + 1)
        self.result = context.Queue()
        self._processes = [context.Process(target=work, args=(self._ready, self._go, self.result, *s)) for s in shares]
        for process in self._processes:
            process.start()
        self._ready.wait(120)

    def run(self) -> float:
        """Start all, wait for all; seconds."""
        began = time.perf_counter()
        self._go.wait(30)
        for process in self._processes:
            process.join()
        took = time.perf_counter() - began
        if any(process.exitcode for process in self._processes):
            raise RuntimeError("a worker failed")
        return took


def push_share(ready, go, result, places, source, remotes) -> None:  # type: ignore[no-untyped-def]  # process entry
    """One worker process: push to every remote at once and report CPU seconds."""
    net = SshNet(Path("/nonexistent"))
    failures: list[BaseException] = []
    rates: list[float] = []

    def one(remote: str) -> None:
        try:
            done = net.push_scp(
                places, Quiet(), source, remote, on_progress=lambda _p: None, stall_s=60, last_answer_s=60
            )
            rates.append(done.sent / MB / done.seconds)
        except BaseException as err:
            failures.append(err)
            raise

    threads = [threading.Thread(target=one, args=(remote,)) for remote in remotes]
    ready.wait(120)
    go.wait(30)
    before = resource.getrusage(resource.RUSAGE_SELF)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    net.close()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    result.put((cpu, peak, sum(rates)))
    if failures:
        raise SystemExit(str(failures[0]))


def in_processes(
    ground: Ground, source: Path, remotes: Sequence[str], count: int, *, jump: bool
) -> tuple[float, float, float, float]:
    """Push with `count` worker processes: seconds, CPU seconds of the workers, most MB of one, sum of the rates."""
    place = ground.endpoint(jump=jump)
    team = Team(push_share, [(place, str(source), list(remotes[i::count])) for i in range(count)])
    took = team.run()
    figures = [team.result.get(timeout=10) for _ in range(count)]
    return took, sum(f[0] for f in figures), max(f[1] for f in figures), sum(f[2] for f in figures)


def line(name: str, value: str, target: str) -> None:
    """One row of the report."""
    print(f"{name:<44} {value:<46} {target}", flush=True)


def one_push(ground: Ground, source: Path, rounds: int) -> None:
    """One push against scp -O and against netmiko's way."""
    times: dict[str, list[float]] = {"ours": [], "openssh": [], "netmiko": []}
    size = source.stat().st_size
    wanted = hashlib.md5(source.read_bytes()).hexdigest()
    remote = str(ground.folder / "out" / "one")
    for number in range(rounds):
        order: list[tuple[str, Callable[[], float]]] = [
            ("ours", lambda: ours(ground, source, [remote], jump=False)),
            ("openssh", lambda: openssh(ground, source, [remote], jump=False)),
        ]
        if number % 3 == 0:
            order.append(("netmiko", lambda: netmiko_like(ground, source, remote)))
        for name, run in order if number % 2 else reversed(order):
            times[name].append(run())
            if hashlib.md5(Path(remote).read_bytes()).hexdigest() != wanted:
                raise RuntimeError(f"{name}: wrong bytes arrived")
    middle = {name: statistics.median(values) for name, values in times.items()}
    rates = ", ".join(f"{name} {size / MB / value:.0f} MB/s" for name, value in middle.items())
    line(f"one push of {size / MIB:.0f} MiB", rates, "")
    line("  against OpenSSH scp -O", f"{middle['openssh'] / middle['ours']:.2f} x", "target >= 1.0 x")
    line("  against netmiko's way", f"{middle['netmiko'] / middle['ours']:.2f} x", "target >= 2 x")


def eight(ground: Ground, source: Path, rounds: int, *, jump: bool) -> None:
    """Eight at once in two processes against eight scp."""
    remotes = [str(ground.folder / "out" / f"m{i}") for i in range(8)]
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        mine.append(in_processes(ground, source, remotes, 2, jump=jump)[0])
        theirs.append(openssh(ground, source, remotes, jump=jump))
    ratio = statistics.median(theirs) / statistics.median(mine)
    total = 8 * source.stat().st_size / MB
    shown = f"{total / statistics.median(mine):.0f} against {total / statistics.median(theirs):.0f} MB/s: {ratio:.2f} x"
    line(f"8 pushes at once, {'jump host' if jump else 'direct'}", shown, "target >= 1.0 x")


def hundred(ground: Ground, source: Path, count: int, *, jump: bool) -> None:
    """Many devices that take RATE each, in four worker processes."""
    remotes = [f"slow-{i}" for i in range(count)]
    took, cpu, memory, together = in_processes(ground, source, remotes, 4, jump=jump)
    total = count * source.stat().st_size / MB
    ideal = source.stat().st_size / RATE
    target = ">= 85 MB/s" if jump else ">= 95 MB/s"
    shown = f"{together:.0f} MB/s while the bytes flow; {total / took:.0f} with all set-up"
    line(f"{count} devices at {RATE / MB:.0f} MB/s, {'jump host' if jump else 'direct'}", shown, f"target {target}")
    line("", f"{took:.1f} s (ideal {ideal:.1f}), {cpu / total * 1000:.1f} CPU s/GB, {memory:.0f} MB a worker", "")
    if not jump:  # the logins of both cost sshd the same, on the same cores
        theirs = openssh(ground, source, remotes, jump=False)
        line("", f"OpenSSH scp: {total / theirs:.0f} MB/s with all set-up; ours {theirs / took:.1f} x", "")


def make_file(path: Path, size: int) -> Path:
    """A file of random bytes, in the page cache."""
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(MIB))
    return path


def main() -> None:
    """Run all and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    # A third of a Catalyst's image: a login of sshd costs ten times ours, on the same cores, and must not weigh more
    # than it does with an image (100 logins: about 5 ms each of ours, 50 ms of sshd and its sink).
    parser.add_argument("--slow-mib", type=int, default=0, help="bytes for each slow device; default 100 MiB, quick 5")
    parser.add_argument("--only-slow", action="store_true", help="only the devices that take 1 MB/s each")
    args = parser.parse_args()
    sizes = (32, 8, 5, 20) if args.quick else (256, 64, 100, 100)
    one_size, eight_size, slow_size, devices = sizes
    slow_size = args.slow_mib or slow_size
    with tempfile.TemporaryDirectory(prefix="swim-tui-bench-") as name:
        folder = Path(name)
        (folder / "out").mkdir()
        ground = Ground(folder)
        print(f"{socket.gethostname()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {CIPHER}")
        try:
            if not args.only_slow:
                one_push(ground, make_file(folder / "one", one_size * MIB), 3 if args.quick else 7)
                source = make_file(folder / "eight", eight_size * MIB)
                for jump in (False, True):
                    eight(ground, source, 1 if args.quick else 3, jump=jump)
            source = make_file(folder / "slow", slow_size * MIB)
            for jump in (False, True):
                hundred(ground, source, devices, jump=jump)
        finally:
            ground.close()


if __name__ == "__main__":
    main()
