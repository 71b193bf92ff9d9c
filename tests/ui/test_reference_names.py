"""A person who comes from the reference product finds each function under the name known there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.model.plan import Deletion, SpaceLine
from swim_tui.ui.keymap import NO_OVERRIDES
from swim_tui.ui.palette import KNOWN_AS, entries, search
from swim_tui.ui.plan_text import plan_lines
from swim_tui.ui.registry import BY_ID
from swim_tui.ui.screens.home import HomePage
from tests.ui.admin.conftest import press, said
from tests.ui.conftest import running, text_of
from tests.ui.fakes import empty_world, world

FOUND = {
    "Software Images": "global.view_images",
    "Network Devices": "global.view_devices",
    "Compute Devices": "global.view_devices",
    "Discovery": "devices.import",
    "Network Audit": "global.view_log",
    "Compute Device Groups": "global.groups",
    "Port Groups": "global.groups",
    "Credential Profiles": "global.credentials",
    "Configuration Archive": "global.configs",
    "Network Device Groups": "global.groups",
    "Software Image Repository": "global.view_repository",
    "Software Image Management Servers": "global.view_servers",
    "Add/Import": "home.import",
    "Import Images": "home.import",
    "Distribute": "home.distribute",
    "Activate": "home.activate",
    "Commit": "home.commit",
    "Add Server": "home.server",
    "Manage Protocols": "servers.protocols",
    "Verify Credentials": "servers.verify",
    "Upgrade Analysis": "home.analysis",
    "Sync Device Inventory": "home.sync",
    "Archive Device Configuration": "home.archive",
    "Image Management Settings": "global.settings",
    "Configuration Archive Settings": "home.archive_settings",
    "Current Protocol Order": "home.protocols",
    "Config Protocol Order": "home.protocols",
    "Quick Filter": "table.quick",
    "Minimum Requirements": "image.edit",
    "Job Dashboard": "global.view_jobs",
    "All Jobs": "home.all_jobs",
    "Detach": "global.maximise",
    "Job Summary": "home.summary",
    "Show All": "job.show_all",
    "Log File Download": "job.save_log",
    "Useful Links": "global.guide",
    "Glossary": "global.guide",
}


@pytest.mark.parametrize("name", FOUND)
def test_the_palette_finds_a_name_of_the_reference_first(name: str) -> None:
    found = search(name, entries(HomePage.SCOPES, NO_OVERRIDES, read_only=False))
    assert found[0].action.id == FOUND[name]


def test_known_names_belong_to_actions_that_exist() -> None:
    assert set(KNOWN_AS) <= set(BY_ID)
    assert all(name == name.casefold() for names in KNOWN_AS.values() for name in names)


async def test_an_empty_repository_says_that_images_come_first_and_stay() -> None:
    async with running(empty_world()) as (app, pilot):
        await press(pilot, "4")
        assert "An image must be here before it can be distributed; it stays for reuse." in said(app)
        await press(pilot, "1", "d")
        assert "2 Device" in text_of(app)
        await press(pilot, "ctrl+n")
        assert "No image" in said(app), "there is no way on without an image"
        assert "[1 Image]" in text_of(app)


async def test_the_servers_page_says_when_a_server_is_worth_it() -> None:
    async with running(world(), size=(120, 40)) as (app, pilot):
        await press(pilot, "5", "F")
        text = said(app)
        for words in ("some fifty devices or more", "a few devices at one site", "a slow line to a site"):
            assert words in text, words


async def test_the_plan_names_the_space_of_every_member_of_a_stack() -> None:
    source = world()
    plan = await source.fake.preview(next(iter(source.fake.jobs_.values())).request)
    first = plan.included()[0]
    members = tuple(SpaceLine(f"flash-{n}:", 99, 10 + n, 40, 30 if n == 2 else 0, member=n) for n in (1, 2, 3))
    stack = replace(first, space=members)
    devices = tuple(stack if one is first else one for one in plan.devices)
    text = "\n".join(line.text for line in plan_lines(replace(plan, devices=devices)))
    assert [f"space flash-{n} member {n}: needs 40 B, free {10 + n} B" in text for n in (1, 2, 3)] == [True] * 3
    assert "free 12 B, 30 B freed first" in text, "the erase is on member 2 as well"


async def test_the_plan_says_beside_a_line_when_it_is_sent_at_all_and_names_the_canary_once() -> None:
    plan = await world().fake.preview(next(iter(world().fake.jobs_.values())).request)
    first = plan.included()[0]
    note = "the delete line is sent only for a partial or wrong copy of this file"
    noted = replace(first, operations=(replace(first.operations[0], note=note),))
    order = (replace(plan.order[0], reason="canary: everything else waits until it is proven"), *plan.order[1:])
    lines = plan_lines(replace(plan, devices=(noted,), order=order))
    assert sum(note in line.text for line in lines) == 1
    assert sum(line.text.count("canary") for line in lines if first.device in line.text or "batch" in line.text) == 1


async def test_the_plan_says_what_the_erase_deletes_and_why_and_that_it_does_nothing_where_space_is_enough() -> None:
    plan = await world().fake.preview(next(iter(world().fake.jobs_.values())).request)
    first = plan.included()[0]
    old = Deletion("flash:", "c2960-old.bin", 9 * 2**20, "nothing refers to it")
    erase = replace(first.operations[0], title="Erasing flash", deletions=(old,))
    short = replace(first, space=(SpaceLine("flash:", 99, 4, 40, 60),), operations=(erase,))
    roomy = replace(first, device="sw-roomy", space=(SpaceLine("flash:", 99, 50, 40, 0),), operations=())
    for erases in (True, False):
        options = replace(plan.options, erase_flash=erases)
        text = "\n".join(line.text for line in plan_lines(replace(plan, devices=(short, roomy), options=options)))
        assert "free 4 B, 60 B freed first" in text
        assert "delete flash:c2960-old.bin 9.00 MB: nothing refers to it" in text
        assert ("free 50 B, enough: nothing is erased" in text) is erases
