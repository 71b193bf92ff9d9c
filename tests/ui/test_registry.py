"""The action registry and everything that is generated from it."""

from __future__ import annotations

from importlib import import_module

import pytest

from swim_tui.ui.dialogs.help import help_sections
from swim_tui.ui.keymap import NO_OVERRIDES, load_keymap
from swim_tui.ui.page import Page
from swim_tui.ui.palette import entries, search
from swim_tui.ui.registry import ACTIONS, BY_ID, Scope, bindings_for, effective, in_scope, readme_table
from swim_tui.ui.screens.analysis import AnalysisPage
from swim_tui.ui.screens.configs import ConfigsPage
from swim_tui.ui.screens.credentials import CredentialsPage
from swim_tui.ui.screens.device import DevicePage
from swim_tui.ui.screens.devices import DevicesPage
from swim_tui.ui.screens.groups import GroupsPage
from swim_tui.ui.screens.home import HomePage
from swim_tui.ui.screens.host_keys import HostKeysPage
from swim_tui.ui.screens.image import ImagePage
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.screens.jobs import JobsPage
from swim_tui.ui.screens.jumps import JumpsPage
from swim_tui.ui.screens.log import LogPage
from swim_tui.ui.screens.output import OutputPage
from swim_tui.ui.screens.plan import PlanPage
from swim_tui.ui.screens.recovery import RecoveryPage
from swim_tui.ui.screens.repository import RepositoryPage
from swim_tui.ui.screens.servers import ServersPage
from swim_tui.ui.screens.settings import SettingsPage
from swim_tui.ui.screens.task import TaskPage
from swim_tui.ui.screens.watch import WatchPage
from swim_tui.ui.shell import VIEWS
from swim_tui.ui.wizards.base import WizardPage

PAGES: tuple[type[Page], ...] = (
    HomePage, JobsPage, JobPage, TaskPage, OutputPage, PlanPage, DevicesPage, DevicePage, RepositoryPage, ImagePage,
    CredentialsPage, JumpsPage, GroupsPage, HostKeysPage, ConfigsPage,
    ServersPage, SettingsPage, LogPage, AnalysisPage, WizardPage, RecoveryPage, WatchPage,
)  # fmt: skip


@pytest.mark.parametrize("scope", Scope)
def test_no_key_is_bound_twice_in_a_scope(scope: Scope) -> None:
    keys = [key for action in in_scope(scope) for key in action.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope not in (Scope.GLOBAL, Scope.WIZARD)])
def test_no_scope_but_the_wizard_with_its_step_numbers_takes_a_global_key(scope: Scope) -> None:
    global_keys = {key for action in in_scope(Scope.GLOBAL) for key in action.keys}
    assert not global_keys & {key for action in in_scope(scope) for key in action.keys}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_binds_each_key_once_and_has_a_method_for_each_of_its_actions(page: type[Page]) -> None:
    bound = [key for binding in bindings_for(*page.SCOPES) for key in binding.key.split(",")]
    assert len(bound) == len(set(bound))
    assert [action.id for action in effective(page.SCOPES) if not hasattr(page, action.handler)] == []


def test_every_scope_is_on_some_page() -> None:
    assert {scope for page in PAGES for scope in page.SCOPES} == set(Scope)


def test_every_action_is_in_help_palette_and_readme() -> None:
    in_help = {text for _, rows in help_sections((), NO_OVERRIDES, read_only=False) for _, text in rows}
    in_palette = {entry.action.id for entry in entries((), NO_OVERRIDES, read_only=False)}
    table = readme_table()
    for action in ACTIONS:
        assert action.description in in_help
        assert action.id in in_palette
        assert action.description.replace("|", "/") in table


def test_an_action_without_a_key_has_a_palette_word() -> None:
    assert all(action.aliases for action in ACTIONS if not action.keys)


def test_help_lists_this_screen_before_the_others() -> None:
    titles = [title for title, _ in help_sections(JobsPage.SCOPES, NO_OVERRIDES, read_only=False)]
    assert titles[:3] == ["Jobs", "Any table", "Everywhere"]
    assert "Devices (elsewhere)" in titles[3:]


def test_help_leaves_out_a_table_key_that_the_page_uses_for_something_else() -> None:
    home = help_sections(HomePage.SCOPES, NO_OVERRIDES, read_only=False)
    table_rows = dict(home)["Any table"]
    assert not any(keys == "d" for keys, _ in table_rows)


def test_help_filters_as_one_types() -> None:
    sections = help_sections(JobsPage.SCOPES, NO_OVERRIDES, read_only=False, needle="retry")
    assert all("retry" in " ".join(row).casefold() for _, rows in sections for row in rows)
    assert sections


def test_read_only_hides_every_changing_action_from_help_and_palette() -> None:
    changing = {action.description for action in ACTIONS if action.changes}
    shown = {text for _, rows in help_sections(HomePage.SCOPES, NO_OVERRIDES, read_only=True) for _, text in rows}
    unchanged = {action.description for action in ACTIONS if not action.changes}
    assert not shown & (changing - unchanged)
    assert not any(entry.action.changes for entry in entries((), NO_OVERRIDES, read_only=True))


@pytest.mark.parametrize(
    ("typed", "action_id", "argument"),
    [
        ("jobs failed", "global.view_jobs", "failed"),
        ("device sw1", "global.view_devices", "sw1"),
        ("jobs", "global.view_jobs", ""),
        ("dist", "home.distribute", ""),
        ("-", "global.view_last", ""),
        ("theme", "global.theme", ""),
        ("q", "global.quit", ""),
    ],
)
def test_the_palette_finds(typed: str, action_id: str, argument: str) -> None:
    found = search(typed, entries(HomePage.SCOPES, NO_OVERRIDES, read_only=False))
    assert (found[0].action.id, found[0].argument) == (action_id, argument)


def test_a_key_override_holds_and_a_clash_or_a_misspelt_id_is_named() -> None:
    keymap = load_keymap({"jobs.cancel": "X", "jobs.retry": "x", "jobs.cancle": "z", "table.mark": "q", "jobs.new": ""})
    assert keymap.overrides == {"jobs.cancel": ("X",), "jobs.retry": ("x",)}
    assert keymap.shown(BY_ID["jobs.cancel"]) == "X"
    text = "\n".join(keymap.problems)
    assert "did you mean jobs.cancel" in text
    assert "'q' for table.mark is taken by global.quit" in text
    assert "'jobs.new' needs at least one key" in text


def test_every_view_names_a_page_that_exists() -> None:
    for view in VIEWS:
        module, _, name = view.page.partition(":")
        assert issubclass(getattr(import_module(module), name), Page)
