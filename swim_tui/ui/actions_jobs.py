"""The actions of the job screens and of the wizards."""

from __future__ import annotations

from swim_tui.ui.action import Action, Scope, actions_of

# name, keys, short title, what it does, footer rank, palette aliases, changes something
JOB_ACTIONS: tuple[Action, ...] = (
    *actions_of(
        Scope.JOBS,
        ("new", "n", "New", "New job: Import, Distribute, Activate, Commit, Rollback", 3, "new", True),
        ("summary", "i", "Summary", "Job Summary: status, counters, schedule", 4, "", False),
        ("output", "l", "Output", "Output of the latest run", 0, "", False),
        ("pause", "p", "Pause", "Pause the display; what waits is counted", 0, "pause", False),
        ("cancel", "x", "Cancel...", "Cancel the marked jobs' runs at the next safe point", 5, "cancel", True),
        ("retry", "R", "Retry...", "Retry the failed devices in a new run", 0, "retry", True),
        (
            "hold",
            "H",
            "Hold...",
            "Hold: start no new reload, let the current one finish; again resumes",
            0,
            "hold resume",
            True,
        ),
        ("plan", "o", "Plan", "The plan page of the job", 0, "plan", False),
        ("time", "t", "Start time...", "Change when a scheduled job starts", 0, "reschedule time", True),
        ("watch", "W", "Watch", "Watch the run: one line per device, big counters", 0, "watch", False),
    ),
    *actions_of(
        Scope.JOB,
        ("summary", "i", "Summary", "Job Summary: status, counters, schedule", 0, "", False),
        ("show_all", "s", "Show All", "All run instances, or the latest five", 0, "showall", False),
        ("output", "l", "Output", "Live output of the device task", 4, "output", False),
        ("commands", "@", "Commands", "Each line sent to the device", 5, "commands", False),
        ("pause", "p", "Pause", "Pause the display; what waits is counted", 0, "", False),
        ("cancel", "x", "Cancel...", "Cancel the run, or the marked devices, at the next safe point", 4, "", True),
        ("retry", "R", "Retry...", "Retry the failed devices in a new run", 0, "", True),
        ("hold", "H", "Hold...", "Hold: start no new reload, let the current one finish; again resumes", 0, "", True),
        ("plan", "o", "Plan", "The plan page of the job", 6, "", False),
        ("skip", "z", "Skip...", "Leave the marked devices out that have not been reloaded yet", 0, "skip", True),
        ("order", "O", "Order...", "Another order for the devices that wait for their activation", 0, "reorder", True),
        ("order_up", "shift+up", "Earlier...", "Take the device under the cursor one place earlier", 0, "", True),
        ("order_down", "shift+down", "Later...", "Take the device under the cursor one place later", 0, "", True),
        ("time", "t", "Start time...", "Change when a scheduled job starts", 0, "", True),
        ("watch", "W", "Watch", "Watch the run: one line per device, big counters", 0, "", False),
        ("recovery", "K", "Recovery card", "Console steps for a device that did not come back", 0, "recovery", False),
        ("save_log", "L", "Save log", "Write the log of the run's devices to a file", 0, "savelog", False),
    ),
    *actions_of(
        Scope.TASK,
        ("output", "l", "Output", "Live output of this device task", 3, "", False),
        ("commands", "@", "Commands", "Each line sent to the device", 4, "", False),
        ("message", "m", "Message", "Show the whole message of the operation", 5, "message", False),
        ("cancel", "x", "Cancel...", "Cancel this device at the next safe point", 4, "", True),
        ("retry", "R", "Retry...", "Retry this device in a new run", 0, "", True),
        ("hold", "H", "Hold...", "Hold the run: start no new reload; again resumes", 0, "", True),
        ("skip", "z", "Skip...", "Leave this device out, if it has not been reloaded yet", 0, "", True),
        ("recovery", "K", "Recovery card", "Console steps, if the device did not come back", 2, "", False),
    ),
    *actions_of(
        Scope.RECOVERY,
        ("output", "l", "Output", "Output of this device task", 2, "", False),
        ("commands", "@", "Commands", "Each line sent to the device", 3, "", False),
        ("copy", "c", "Copy", "Copy the console address", 4, "", False),
        ("save", "ctrl+e", "Save", "Write the card to a file", 5, "", False),
    ),
    *actions_of(
        Scope.WATCH,
        ("bell", "b", "Bell", "Bell on every change, on failures only, or never", 3, "bell", False),
    ),
    *actions_of(
        Scope.OUTPUT,
        ("find", "/", "Find", "Find text", 2, "find", False),
        ("next", "n", "Next", "Next hit", 3, "", False),
        ("previous", "N", "Previous", "Previous hit", 0, "", False),
        ("follow", "end f", "Follow", "Go to the end and follow", 4, "follow tail", False),
        ("top", "g home", "Top", "First line", 0, "", False),
        ("wrap", "w", "Wrap", "Wrap long lines", 0, "wrap", False),
        ("times", "t", "Times", "Show when each line came", 0, "times", False),
        ("save", "ctrl+e", "Save", "Write it to a file", 5, "", False),
    ),
)

WIZARD_ACTIONS: tuple[Action, ...] = (
    *actions_of(
        Scope.WIZARD,
        ("submit", "s", "Submit...", "Submit the job; asks first", 1, "submit", True),
        ("next", "ctrl+n alt+right", "Next", "Next step, if nothing on this one is wrong", 2, "", False),
        ("previous", "b alt+left", "Back a step", "Step before; nothing is lost", 3, "", False),
        ("step1", "1", "Step 1", "Step 1, as long as no field has the focus", 0, "", False),
        ("step2", "2", "Step 2", "Step 2, if it was seen", 0, "", False),
        ("step3", "3", "Step 3", "Step 3, if it was seen", 0, "", False),
        ("step4", "4", "Step 4", "Step 4, if it was seen", 0, "", False),
        ("step5", "5", "Step 5", "Step 5, if it was seen", 0, "", False),
        ("step6", "6", "Step 6", "Step 6, if it was seen", 0, "", False),
        ("step7", "7", "Step 7", "Step 7, if it was seen", 0, "", False),
        ("edit", "e", "Edit", "Edit image and location of the marked rows, else of this one", 2, "", False),
        ("paste", "p", "Paste", "Select devices by a list of names", 3, "paste", False),
        ("consents", "o", "Consents...", "Give the open consents of the plan", 2, "consents", True),
        ("recheck", "f5", "Check again", "Read the devices again and run the checks anew", 0, "recheck", False),
        ("save", "ctrl+e", "Save", "Write the plan, or the rows shown, to a file", 5, "", False),
    ),
)
