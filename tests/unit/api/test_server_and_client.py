"""The door: routes from the contract, typed arguments, refusals, the event stream."""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from swim_tui.api.client import EngineClient
from swim_tui.api.server import ApiServer
from swim_tui.errors import EngineMismatch, EngineUnavailable, RemoteError
from swim_tui.model.device import Device, Role
from swim_tui.model.events import EventId, Notice, Resync, SettingsChanged
from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.paths import DataPaths
from tests.unit.api.fake_engine import FakeEngine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[FakeEngine]:
    root = tmp_path / "data"
    root.mkdir(mode=0o700)
    fake = FakeEngine(root)
    server = ApiServer(fake.api, fake.events, DataPaths(root).socket(), heartbeat_s=0.05)
    await server.start()
    yield fake
    fake.hub.close()
    await server.stop()


@pytest.fixture
async def client(engine: FakeEngine) -> AsyncIterator[EngineClient]:
    async with EngineClient(engine.service.data_dir) as found:
        yield found


async def post(engine: FakeEngine, name: str, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
    path = str(DataPaths(engine.service.data_dir).socket())
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session,
        session.post(f"http://engine/v1/{name}", data=body, headers=headers) as response,
    ):
        return response.status, await response.json()


async def test_values_of_the_model_travel_both_ways_unchanged(engine: FakeEngine, client: EngineClient) -> None:
    device = Device("sw-1", "192.0.2.1", role=Role.WAN, groups=("a", "b"), upstream=("core",))
    await client.api.add_device(device)
    assert engine.service.devices == [device]
    options = JobOptions(protocol_order=(Protocol.SFTP,), order=("sw-1",))
    plan = await client.api.preview(JobRequest(JobType.DISTRIBUTION, images=("x.bin",), options=options))
    assert plan.options == options
    assert plan.image_ids == ("x.bin",)


async def test_the_socket_is_for_its_owner_only(engine: FakeEngine) -> None:
    path = DataPaths(engine.service.data_dir).socket()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_socket_directory_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "open"
    root.mkdir()
    root.chmod(0o755)
    fake = FakeEngine(root)
    with pytest.raises(EngineUnavailable, match="mode 0700"):
        await ApiServer(fake.api, fake.events, root / "engine.sock").start()


async def test_an_unknown_method_is_not_found(engine: FakeEngine) -> None:
    status, answer = await post(engine, "make_coffee", b"{}")
    assert status == 404
    assert "make_coffee" in str(answer["problem"])
    assert answer["exit_code"] == 2


@pytest.mark.parametrize(
    ("method", "body", "words"),
    [
        ("cancel", b'{"id": 5}', "cancel: id: '5'"),
        ("cancel", b'{"id": "1", "devise": "x"}', "cancel: devise: 'x' is not usable: there is no such parameter"),
        ("cancel", b"{}", "this parameter is missing"),
        ("cancel", b"{nonsense", "request body"),
        ("add_device", b'{"device": {"name": "a", "address": "b", "port": "22"}}', "device.port: '22'"),
        ("add_device", b'{"device": {"name": "a", "address": "b", "role": "boss"}}', "device.role: 'boss'"),
    ],
)
async def test_a_wrong_argument_is_named(engine: FakeEngine, method: str, body: bytes, words: str) -> None:
    status, answer = await post(engine, method, body)
    assert status == 400
    problem = answer["problem"]
    assert isinstance(problem, dict)
    assert words in problem["message"]
    assert problem["code"] == "SWIM-1030"


async def test_an_error_of_the_engine_keeps_its_words_and_exit_code(client: EngineClient) -> None:
    with pytest.raises(RemoteError) as caught:
        await client.api.device("nobody")
    assert caught.value.problem.code == "SWIM-1040"
    assert "no device named 'nobody'" in str(caught.value)
    assert caught.value.remote_exit_code == 2


async def test_a_bug_is_an_answer_and_not_a_broken_connection(engine: FakeEngine, client: EngineClient) -> None:
    with pytest.raises(RemoteError) as caught:
        await client.api.groups()
    assert caught.value.problem.code == "SWIM-9999"
    assert (await client.api.status()).clients == 0


async def test_a_read_only_client_reads_and_changes_nothing(engine: FakeEngine) -> None:
    async with EngineClient(engine.service.data_dir, read_only=True) as watcher:
        assert (await watcher.api.inventory()).devices == ()
        with pytest.raises(RemoteError) as caught:
            await watcher.api.add_device(Device("sw-1", "192.0.2.1"))
    assert caught.value.remote_exit_code == 3
    assert engine.service.devices == []


async def test_a_cancel_is_signed_with_the_unix_user(
    engine: FakeEngine, client: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "anna")
    monkeypatch.setenv("SSH_CLIENT", "192.0.2.77 50000 22")
    await client.api.cancel("run-1", device="sw-1")
    await client.api.cancel("run-1", by="ben")
    assert engine.service.cancelled == [("run-1", "sw-1", "anna from 192.0.2.77"), ("run-1", "", "ben")]


async def test_parameters_may_be_named_as_anything(engine: FakeEngine, client: EngineClient) -> None:
    await client.api.remove_credentials(name="admin")
    assert engine.service.removed == "admin"


async def test_ten_thousand_devices_do_not_hold_the_event_loop(engine: FakeEngine, client: EngineClient) -> None:
    engine.service.row_count = 10_000
    snapshot = await client.api.inventory()
    assert len(snapshot.devices) == 10_000
    assert snapshot.at == engine.hub.position


async def test_a_client_of_another_version_is_told_to_restart_the_engine(engine: FakeEngine) -> None:
    engine.service.contract = "another"
    with pytest.raises(EngineMismatch, match="restart the engine"):
        await EngineClient(engine.service.data_dir).connect()


async def test_without_an_engine_the_client_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="none is running"):
        await EngineClient(tmp_path).connect()


async def test_events_arrive_in_order_and_heartbeats_are_not_events(engine: FakeEngine, client: EngineClient) -> None:
    stream = client.events(engine.hub.position)
    notice = Notice(await _now(client), "info", "hello")
    engine.hub.publish(SettingsChanged("a"))
    engine.hub.publish(notice)
    assert (await anext(stream)).event == SettingsChanged("a")
    assert (await anext(stream)).event == notice
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.2)  # four heartbeats: the condition is that nothing arrives
    assert not waiting.done()
    engine.hub.publish(SettingsChanged("b"))
    assert (await waiting).event == SettingsChanged("b")
    await stream.aclose()


async def _now(client: EngineClient):  # type: ignore[no-untyped-def]
    return (await client.api.hello()).started_at


async def test_a_reader_takes_up_the_stream_where_it_left_it(engine: FakeEngine, client: EngineClient) -> None:
    start = engine.hub.position
    for key in "abc":
        engine.hub.publish(SettingsChanged(key))
    stream = client.events(start)
    first = await anext(stream)
    await stream.aclose()
    again = client.events(first.id)
    assert [(await anext(again)).event for _ in range(2)] == [SettingsChanged("b"), SettingsChanged("c")]
    await again.aclose()


async def test_a_reader_of_another_epoch_is_told_to_take_the_snapshots_again(client: EngineClient) -> None:
    stream = client.events(EventId("another", 7))
    assert isinstance((await anext(stream)).event, Resync)
    await stream.aclose()


async def test_the_stream_comes_back_after_the_engine_did(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir(mode=0o700)
    path = DataPaths(root).socket()
    first = FakeEngine(root)
    server = ApiServer(first.api, first.events, path)
    await server.start()
    async with EngineClient(root) as client:
        stream = client.events(first.hub.position)
        first.hub.publish(SettingsChanged("before"))
        assert (await anext(stream)).event == SettingsChanged("before")
        first.hub.close()
        await server.stop()
        second = FakeEngine(root)
        server = ApiServer(second.api, second.events, path)
        await server.start()
        assert isinstance((await asyncio.wait_for(anext(stream), 10)).event, Resync)
        await stream.aclose()
    await server.stop()


async def test_without_reconnect_the_stream_ends_with_the_engine(engine: FakeEngine, client: EngineClient) -> None:
    stream = client.events(engine.hub.position, reconnect=False)
    engine.hub.publish(SettingsChanged("x"))
    await anext(stream)
    engine.hub.close()
    with pytest.raises(EngineUnavailable):
        await anext(stream)


async def test_the_server_stops_promptly_while_clients_watch(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir(mode=0o700)
    fake = FakeEngine(root)
    counts: list[int] = []
    server = ApiServer(fake.api, fake.events, DataPaths(root).socket(), on_clients=counts.append)
    await server.start()
    async with EngineClient(root) as client:
        stream = client.events(fake.hub.position)
        fake.hub.publish(SettingsChanged("x"))
        await anext(stream)
        began = time.monotonic()
        await server.stop()
        assert time.monotonic() - began < 1.5
        await stream.aclose()
    assert counts == [1, 0]
    assert not DataPaths(root).socket().exists()
