"""Rows 36-52, 61-74 and 94-156 of the features: number -> the test that shows it (73b is with 73)."""

from __future__ import annotations

_WIZARDS = "tests/ui/wizards/"
_WORDS = f"{_WIZARDS}test_words.py::"
_OTHER = f"{_WIZARDS}test_other_wizards.py::"
_DISTRIBUTE = f"{_WIZARDS}test_distribute.py::"
_COMMIT = f"{_WIZARDS}test_commit_rollback.py::"
_CALL = "tests/ui/test_on_call.py::"
_APP = "tests/ui/test_app.py::"
_STORY = "tests/ui/test_stories.py::"
_PLANNING = "tests/unit/planning/"
_IMPORT = f"{_WORDS}test_import_has_the_steps_and_the_five_sources_of_the_reference"
_FILES = f"{_OTHER}test_files_of_a_directory_are_imported_by_one_job"
_STEPS = f"{_WORDS}test_distribute_has_the_five_steps_of_the_reference_and_the_plan"
_OPTIONS = f"{_WORDS}test_image_deployment_has_every_option_of_the_reference_and_says_what_each_means"
_WHY = f"{_DISTRIBUTE}test_options_that_are_not_available_say_why_and_cannot_be_changed"
_SUBMIT = f"{_DISTRIBUTE}test_a_distribution_is_submitted_by_keys_after_the_count_was_typed"
_FAILS = f"{_DISTRIBUTE}test_devices_marked_in_their_view_are_carried_and_one_that_fails_stays_listed"
_LOCATION = f"{_DISTRIBUTE}test_the_location_of_a_device_is_chosen_from_its_own_file_systems"
_SCHEDULE = f"{_WORDS}test_a_schedule_has_job_name_start_time_and_every_recurrence"
_DATE = f"{_DISTRIBUTE}test_a_name_takes_the_stamp_and_a_date_is_checked_beside_its_field"
_MODES = f"{_WORDS}test_device_upgrade_mode_offers_what_the_platforms_have_and_says_why_there_is_no_choice"
_ACTIVATE = f"{_WORDS}test_activate_has_the_steps_of_its_source"
_FROM_JOB = f"{_OTHER}test_an_activation_from_a_completed_job_takes_only_devices_that_got_the_image"
_REPORT = f"{_WORDS}test_the_analysis_has_its_steps_and_the_cells_of_the_report"
_VERDICTS = f"{_APP}test_upgrade_analysis_shows_a_verdict_for_each_device_and_image"
_JOBS = f"{_WORDS}test_jobs_have_the_words_of_the_reference"
_DETAIL = f"{_WORDS}test_the_job_summary_and_the_job_detail_have_the_facts_of_the_reference"
_FAILURE = f"{_CALL}test_a_failed_device_says_what_where_what_it_said_and_what_to_do"
_PSIRT = f"{_STORY}test_story_2_three_routers_minimums_analysis_one_combined_job_in_parallel"
_XR = f"{_STORY}test_story_3_xr_is_activated_then_committed_by_a_job_of_its_own"
_TOLD = f"{_CALL}test_the_end_of_a_run_is_told_in_every_view_and_in_the_title"
_LIVE = f"{_APP}test_a_running_job_is_followed_live_down_to_the_output_of_a_device"

ROWS: dict[int, str] = {
    36: _IMPORT,
    37: f"{_OTHER}test_a_device_offers_its_own_files",
    38: f"{_OTHER}test_cisco_com_is_searched_by_product_and_release",
    39: f"{_OTHER}test_an_address_that_cannot_be_downloaded_is_refused_and_a_good_one_is_taken",
    40: f"{_OTHER}test_a_server_is_browsed_by_sftp_with_a_profile_and_two_images_become_one_job",
    41: _FILES,
    42: f"{_OTHER}test_h_goes_up_in_the_directory_browser_and_marks_elsewhere_stay",
    43: _SCHEDULE,
    44: _FILES,
    45: f"{_OTHER}test_a_scheduled_import_closes_and_a_message_says_when_it_starts",
    46: _DETAIL,
    47: _DETAIL,
    48: _DETAIL,
    **dict.fromkeys((49, 50, 51), _IMPORT),
    52: _FILES,
    61: _REPORT,
    62: f"{_OTHER}test_the_analysis_takes_images_of_cisco_com_before_they_are_bought",
    63: f"{_OTHER}test_the_analysis_runs_for_the_chosen_devices_and_images",
    64: f"{_OTHER}test_the_analysis_runs_for_the_chosen_devices_and_images",
    65: _VERDICTS,
    **dict.fromkeys(range(66, 71), _REPORT),
    71: _VERDICTS,
    72: f"{_OTHER}test_the_analysis_runs_for_the_chosen_devices_and_images",
    73: f"{_OTHER}test_the_analysis_takes_images_of_cisco_com_before_they_are_bought",
    74: _REPORT,
    94: _STEPS,
    95: _STEPS,
    96: f"{_DISTRIBUTE}test_a_group_is_selected_in_the_tree_and_its_box_shows_all_some_none",
    97: _STEPS,
    98: f"{_DISTRIBUTE}test_pasted_names_are_selected_and_the_unknown_ones_are_listed",
    99: _SUBMIT,
    100: _FAILS,
    101: _STEPS,
    102: _LOCATION,
    103: f"{_DISTRIBUTE}test_a_device_gets_a_server_by_name_and_the_table_says_which_choice_it_is",
    104: _LOCATION,
    105: _OPTIONS,
    106: "tests/integration/engine/test_tftp_fallback.py::"
    "test_the_old_image_is_backed_up_and_served_until_the_device_is_proven",
    107: _OPTIONS,
    108: "tests/ui/test_reference_names.py::"
    "test_the_plan_says_what_the_erase_deletes_and_why_and_that_it_does_nothing_where_space_is_enough",
    109: "tests/ui/test_reference_names.py::test_the_plan_names_the_space_of_every_member_of_a_stack",
    110: _OPTIONS,
    111: _WHY,
    112: _OPTIONS,
    113: _MODES,
    114: _OPTIONS,
    115: _OPTIONS,
    116: _OPTIONS,
    117: _OPTIONS,
    118: _WHY,
    119: _SCHEDULE,
    120: _SCHEDULE,
    121: _SUBMIT,
    122: _PSIRT,
    123: f"{_OTHER}test_a_scheduled_import_closes_and_a_message_says_when_it_starts",
    **dict.fromkeys((124, 125, 126, 127), _ACTIVATE),
    128: _FROM_JOB,
    129: f"{_OTHER}test_an_activation_from_the_library_has_image_and_device_steps_and_a_device_can_be_unticked",
    130: f"{_WORDS}test_activate_job_options_say_that_the_boot_command_is_always_inserted",
    131: "tests/unit/engine/test_dispatch.py::test_sequential_activates_one_device_at_a_time_in_order",
    132: _PSIRT,
    133: _OPTIONS,
    134: _OPTIONS,
    135: "tests/unit/engine_services/test_small_services.py::test_a_platform_offers_every_mode_it_can_be_converted_to",
    136: _OPTIONS,
    137: f"{_PLANNING}test_checks.py::test_a_platform_that_is_not_activated_alone_is_refused_with_what_to_use",
    138: _OPTIONS,
    139: _PSIRT,
    140: _ACTIVATE,
    141: f"{_COMMIT}test_commit_offers_only_devices_that_wait_for_one_and_submits_a_commit_job",
    142: f"{_WORDS}test_commit_says_what_an_uncommitted_image_means",
    143: _OPTIONS,
    144: _XR,
    145: _JOBS,
    146: _DETAIL,
    147: _DETAIL,
    148: f"{_WORDS}test_the_job_summary_leads_to_the_job_detail_view",
    149: f"{_CALL}test_the_logs_of_a_run_are_saved_in_one_file_without_control_characters",
    150: _JOBS,
    151: _DETAIL,
    152: _JOBS,
    153: _JOBS,
    154: _LIVE,
    155: _FAILURE,
    156: f"{_APP}test_cancelling_a_run_needs_a_yes_and_enter_is_none",
}
