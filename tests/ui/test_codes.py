"""One-time codes in the UI: asked once, hidden, gone when somebody else answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from textual.widgets import Input

from swim_tui.model.events import TaskChanged
from swim_tui.model.views import PendingQuestion
from swim_tui.ui.dialogs.code import CodeDialog
from swim_tui.ui.dialogs.form import FormDialog
from swim_tui.ui.screens.image import ImagePage
from tests.ui.conftest import running, settle, text_of, until
from tests.ui.fakes import IMAGES, NOW, RUNNING_RUN, FakeSource, world
from tests.ui.pictures import Picture


def waiting(source: FakeSource) -> PendingQuestion:
    """A device task of a running run that waits for a code."""
    api = source.fake
    device = next(iter(api.tasks[RUNNING_RUN]))
    question = PendingQuestion(
        RUNNING_RUN, device, "one-time-code", "jump-sf: One-time code:", NOW, NOW + timedelta(minutes=14)
    )
    api.pending.append(question)
    return question


def told(source: FakeSource, question: PendingQuestion, words: str) -> None:
    """The event that makes a client look."""
    task = source.fake.tasks[question.run_id][question.device]
    source.fake.emit(TaskChanged(replace(task, waiting_for=words)))


async def test_a_code_is_asked_hidden_and_handed_over_once() -> None:
    source = world()
    async with running(source) as (app, pilot):
        question = waiting(source)
        told(source, question, f"Waiting for code: {question.text}")
        await until(pilot, lambda: isinstance(app.screen, CodeDialog))
        await until(pilot, lambda: "jump-sf" in text_of(app))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"421337")
        assert "421337" not in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, CodeDialog))
        await until(pilot, lambda: not source.fake.pending)
        given = [call for call in source.fake.calls if call[0] == "answer_question"]
        assert given == [("answer_question", question.run_id, question.device, "421337")]
        assert not any("421337" in line.text for line in app.log_book.entries)


async def test_the_question_for_a_code_names_the_jump_host_the_run_and_the_end(picture: Picture) -> None:
    source = world()
    async with running(source) as (app, pilot):
        question = waiting(source)
        told(source, question, f"Waiting for code: {question.text}")
        await until(pilot, lambda: isinstance(app.screen, CodeDialog) and isinstance(app.focused, Input))
        await until(pilot, lambda: "jump-sf" in text_of(app))
        assert isinstance(app.screen, CodeDialog)
        app.screen._opened_at -= 1000  # as if it had been on the screen for a while
        await pilot.press(*"4213")
        await picture(pilot, "code")


async def test_keys_typed_before_the_dialog_was_seen_never_become_a_code() -> None:
    source = world()
    async with running(source) as (app, pilot):
        question = waiting(source)
        told(source, question, f"Waiting for code: {question.text}")
        await until(pilot, lambda: isinstance(app.screen, CodeDialog))
        await pilot.pause()
        app.screen._opened_at += 1000  # however slow the machine is, these keys come too early
        await pilot.press("x", "enter", "escape")
        assert isinstance(app.screen, CodeDialog)
        assert not [call for call in source.fake.calls if call[0] == "answer_question"]


async def test_an_answer_from_elsewhere_closes_the_dialog() -> None:
    source = world()
    async with running(source) as (app, pilot):
        question = waiting(source)
        told(source, question, f"Waiting for code: {question.text}")
        await until(pilot, lambda: isinstance(app.screen, CodeDialog))
        source.fake.pending.clear()
        told(source, question, "")
        await until(pilot, lambda: not isinstance(app.screen, CodeDialog))


async def test_a_question_left_for_later_is_asked_again_by_its_palette_word() -> None:
    source = world()
    waiting(source)
    async with running(source) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, CodeDialog))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, CodeDialog))
        app.questions.reopen()
        await until(pilot, lambda: isinstance(app.screen, CodeDialog))


async def test_a_read_only_client_does_not_ask() -> None:
    source = world()
    waiting(source)
    async with running(source, read_only=True) as (app, pilot):
        await pilot.pause(0.1)
        assert app.session.mirror.questions
        assert not isinstance(app.screen, CodeDialog)


async def test_an_emptied_minimum_is_cleared() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await app.push_screen(ImagePage(IMAGES[0].id))
        await settle(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, FormDialog))
        app.screen.query_one("#field-ram", Input).value = ""
        await pilot.press("ctrl+n")
        await until(pilot, lambda: bool(source.fake.calls))
        [(_, _, values)] = [call for call in source.fake.calls if call[0] == "set_image"]
        assert values["min_ram_bytes"] == 0
