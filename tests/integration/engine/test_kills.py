"""Story 9: SIGKILL of the engine, and of its workers, at operation boundaries and inside operations.

After each restart the run goes on; at its end it is right, nothing was executed twice and no record is lost. Some
twenty kills; SWIM_TUI_LONG=200 makes it as many, at every boundary of stories 2, 3 and 7, and prints the figures.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from swim_tui.model.job import DeviceTask, Run, RunStatus, TaskStatus
from swim_tui.model.outcome import OUTCOMES
from tests.integration.engine.killkit import STORY2, STORY3, STORY7, Killing, Story, killing
from tests.integration.engine.mortal import Kill

LONG = int(os.environ.get("SWIM_TUI_LONG") or 0)
LANES = int(os.environ.get("SWIM_TUI_LONG_LANES") or 1)  # runs side by side
CHUNK = 6  # kills in one run; more, and the lab's auto-abort timer runs out, as it should

pytestmark = [pytest.mark.slow, pytest.mark.timeout(14400 if LONG else 300)]


def was_cut_at_its_question(world: Killing, task: DeviceTask) -> bool:
    """A session that ends before its install was confirmed: the device gives it up, nothing was executed.

    It cannot be told from an install that failed by itself, so a person decides about the second one.
    """
    executed = {act for device, act in world.executed() if device == task.device}
    return "the install log says" in task.message and not executed & {"install_activate 17.06.07", "reload"}


async def check(world: Killing, run: Run, *, images: int = 1) -> None:
    """All is as if nobody had been killed."""
    detail = await world.detail(run.id)
    world.check_nothing_twice()
    if LONG and any(was_cut_at_its_question(world, task) for task in detail.tasks):
        world.check_store()
        world.check_records()
        return
    assert run.status is RunStatus.SUCCESS, [(t.device, t.status, t.message) for t in detail.tasks]
    assert {task.status for task in detail.tasks} == {TaskStatus.SUCCESS}
    own = [task for task in detail.tasks if task.device in world.story.devices]  # a file server has a task too
    assert all(OUTCOMES[task.outcome].is_success for task in own), [task.outcome for task in own]
    assert {world.executed()[task.device, "reload"] for task in own} == {1}
    async with world.engine.client() as client:
        kept = await client.api.images()
    assert len(kept) == images
    assert [path.stat().st_size for path in stored(world)] == [image.size_bytes for image in kept]
    assert list((world.engine.data / "images" / "incoming").iterdir()) == []
    world.check_store()
    world.check_records()


def stored(world: Killing) -> list[Path]:
    """Contents in the repository."""
    return [path for path in (world.engine.data / "images").rglob("*") if path.is_file()]


def at(*texts: str, victim: str = "engine") -> list[Kill]:
    """Kills from `label@when`."""
    return [Kill.parse(f"{victim}:{text}") for text in texts]


async def test_an_engine_killed_while_images_are_brought_goes_on_and_ends_in_time_when_told_to(tmp_path: Path) -> None:
    importing = at("op-began:import.copy-image@before", "phase-ended:import@before")
    kills = at(
        "plan-made@written",
        "op-began:distribute.copy-image.bootflash@0.1",
        "phase-ended:distribute@before",
    )
    kills += at("op-began:activate.wait-for-reload@0.1", victim="service")
    async with killing(replace(STORY2, devices=STORY2.devices[:2]), tmp_path) as world:
        _, collected = await world.to_its_end(world.import_request(), importing)
        assert collected.status is RunStatus.SUCCESS
        _, run = await world.to_its_end(world.request(), kills)
        await check(world, run)
    assert world.engine.kills == [str(kill) for kill in (*importing, *kills)]
    code, took = world.engine.exits[-1]
    assert (code, took < 10) == (0, True)


async def test_an_engine_killed_around_a_reload_reloads_once(tmp_path: Path) -> None:
    kills = at(
        "intent:activate.set-boot-variable@written",
        "op-ended:activate.save-configuration@before",
        "intent:activate.reload@written",  # on the disk and not sent: sent again, as the second intent
        "op-began:activate.wait-for-reload@0.2",
        "op-ended:activate.prove@before",
    )
    async with killing(replace(STORY2, devices=STORY2.devices[2:]), tmp_path) as world:
        await world.to_its_end(world.import_request(), ())
        _, run = await world.to_its_end(world.request(), kills)
        await check(world, run)
    assert world.engine.kills == [str(kill) for kill in kills]


async def test_an_engine_killed_around_an_install_adds_activates_and_commits_once(tmp_path: Path) -> None:
    kills = at(
        "intent:activate.install-add@written",
        "op-ended:activate.install-add@before",
        "intent:activate.install@written",
        "op-began:activate.wait-for-reload@0.2",
        "intent:commit.commit@written",
    )
    async with killing(STORY7, tmp_path) as world:
        await world.to_its_end(world.import_request(), ())
        _, run = await world.to_its_end(world.request(), kills)
        await check(world, run)
    assert world.engine.kills == [str(kill) for kill in kills]


async def test_an_engine_killed_around_an_activation_of_ios_xr_replaces_once(tmp_path: Path) -> None:
    kills = at(
        "intent:activate.install@written",
        "op-ended:activate.install@before",
        "op-ended:commit.commit@before",
    )
    async with killing(STORY3, tmp_path) as world:
        await world.to_its_end(world.import_request(), ())
        _, run = await world.to_its_end(world.request(), kills)
        await check(world, run)
    assert world.engine.kills == [str(kill) for kill in kills]


async def test_killed_workers_cost_their_tasks_a_new_attempt_and_no_second_reload(tmp_path: Path) -> None:
    kills = at(
        "intent:distribute.copy-image.bootflash@0.1",
        "intent:activate.reload@written",
        "op-began:activate.wait-for-reload@0.2",
        victim="worker",
    )
    async with killing(replace(STORY2, devices=STORY2.devices[:1]), tmp_path) as world:
        await world.to_its_end(world.import_request(), ())
        _, run = await world.to_its_end(world.request(), kills)
        await check(world, run)
    assert world.engine.kills == [str(kill) for kill in kills]


# --- the long form ---


def chunks(labels: list[str], randomly: random.Random) -> Iterator[list[Kill]]:
    """Every label before, written, and some time after it; each chunk goes through the whole run."""
    count = -(-len(labels) // CHUNK)
    for when in ("written", "before"):
        for first in range(count):
            yield [Kill(label, when) for label in labels[first::count]]
    for _ in range(count):  # inside operations: each engine lives for a random time
        lives = [Kill("run-recovered", f"{randomly.uniform(0.5, 5.0):.2f}") for _ in range(CHUNK - 1)]
        yield [Kill("plan-made", f"{randomly.uniform(0.0, 3.0):.2f}"), *lives]
    for first in range(0, len(labels), 3):  # a device whose worker died four times is left to a person
        when = f"{randomly.uniform(0.0, 0.5):.2f}"
        yield [Kill(label, when, "worker") for label in labels[first : first + 3]]


async def labels_of(story: Story, folder: Path) -> list[str]:
    """What goes by in a run that nobody disturbs, each label once."""
    async with killing(story, folder) as world:
        await world.to_its_end(world.import_request(), ())
        before = len(world.engine.lines("labels"))
        await world.to_its_end(world.request(), ())
        seen = [line.decode() for line in world.engine.lines("labels")[before:]]
    return [label for label in dict.fromkeys(seen) if label not in ("run-created", "run-ended")]


@dataclass
class Figures:
    """What the long form counts."""

    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    reloads: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, world: Killing, tasks: Sequence[DeviceTask]) -> None:
        """One run that came to its end."""
        own = [task for task in tasks if task.device in world.story.devices]
        self.runs += 1
        self.kills.update(f"{world.story.network} {kill.split(':')[0]}" for kill in world.engine.kills)
        self.ends.update(f"{task.status}/{task.outcome}" for task in own)
        self.reloads.update(world.executed()[task.device, "reload"] for task in own)

    def __str__(self) -> str:
        ends, reloads = dict(self.ends), dict(self.reloads)
        made = f"{self.runs} runs, {self.kills.total()} kills {dict(self.kills)}"
        return f"{made}, ends {ends}, devices by reloads {reloads}, wrong {len(self.wrong)}"


async def killed_and_checked(story: Story, kills: list[Kill], folder: Path, figures: Figures) -> None:
    """One run of the long form; what went wrong is kept with its folder, and the next run goes on."""
    try:
        async with killing(story, folder) as world:
            await world.to_its_end(world.import_request(), ())
            _, run = await world.to_its_end(world.request(), kills, limit_s=400.0)
            figures.add(world, (await world.detail(run.id)).tasks)
            await check(world, run)
    except AssertionError as wrong:
        figures.wrong.append(f"{folder}: {story.network} {[str(kill) for kill in kills]}: {wrong}")
        print(f"WRONG {figures.wrong[-1]}", flush=True)  # noqa: T201 - the figures
    print(figures, flush=True)  # noqa: T201 - the figures


@pytest.mark.skipif(not LONG, reason="the long form: SWIM_TUI_LONG=200")
async def test_as_many_kills_as_asked_for(tmp_path: Path) -> None:
    randomly = random.Random(LONG)
    stories = (STORY2, STORY3, STORY7)
    plans = [list(chunks(await labels_of(s, tmp_path / f"reference{n}"), randomly)) for n, s in enumerate(stories)]
    in_turn = [(story, kills) for story, plan in zip(stories, plans, strict=True) for kills in plan]
    randomly.shuffle(in_turn)
    numbered = iter(enumerate(in_turn))
    figures = Figures()

    async def lane() -> None:
        for number, (story, kills) in numbered:
            if figures.kills.total() >= LONG:
                return
            await killed_and_checked(story, kills, tmp_path / f"run{number}", figures)

    await asyncio.gather(*(lane() for _ in range(LANES)))
    assert not figures.wrong, "\n".join(figures.wrong)
    assert figures.kills.total() >= LONG
