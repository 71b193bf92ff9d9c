"""Rows 1-35, 53-60, 75-93 and 157-172 of the features: number -> the test that shows it."""

from __future__ import annotations

_APP = "tests/ui/test_app.py::"
_ADMIN = "tests/ui/admin/"
_PLANNING = "tests/unit/planning/"
_FILES = "tests/unit/images/test_identify_file.py::"
_GUIDE = f"{_ADMIN}test_guide.py::test_the_guide_has_ten_questions_in_four_groups_and_the_words_of_the_reference"
_MENU = f"{_ADMIN}test_guide.py::test_the_guide_returns_to_its_list_and_the_menu_leads_everywhere"
_HOME = f"{_APP}test_the_home_view_shows_families_wheel_protocols_links_and_runs"
_ORDERS = f"{_ADMIN}test_settings.py::test_the_edit_links_lead_to_both_protocol_orders_which_are_edited_by_keys"
_SETTINGS = f"{_ADMIN}test_settings.py::test_settings_are_listed_by_group_and_each_kind_is_edited_in_its_way"
_A11 = f"{_ADMIN}test_settings.py::test_the_settings_of_the_reference_are_there_each_with_words_and_a_group"
_DEVICE = f"{_ADMIN}test_devices.py::test_the_device_page_has_five_tabs_and_shows_and_compares_configurations"
_APPLIED = f"{_APP}test_the_image_tab_shows_images_applied_and_the_file_systems"
_REPOSITORY = (
    f"{_ADMIN}test_repository.py::test_the_repository_has_a_box_for_each_column_a_counter_and_asks_before_it_deletes"
)
_FAMILIES = f"{_ADMIN}test_repository.py::test_every_family_and_version_grammar_of_the_reference_is_shown_as_it_is"
_IMAGE = f"{_ADMIN}test_repository.py::test_image_information_is_edited_and_leads_to_devices_and_jobs"
_MINIMUMS = f"{_APP}test_minimum_requirements_are_edited_in_megabytes_and_a_wrong_one_is_refused_beside_its_field"
_SERVERS = f"{_ADMIN}test_servers.py::test_servers_are_listed_added_with_at_least_one_site_and_verified"
_PROTOCOLS = f"{_ADMIN}test_servers.py::test_manage_protocols_fills_active_protocols_and_tftp_is_not_among_them"
_TFTP = (
    "tests/integration/engine/test_tftp_fallback.py::"
    "test_the_old_image_is_backed_up_and_served_until_the_device_is_proven"
)
_NAMES = "tests/ui/test_reference_names.py::"
_STORIES = "tests/ui/test_stories.py::"
_WORDS = "tests/ui/wizards/test_words.py::"

ROWS: dict[int, str] = {
    1: _GUIDE,
    2: _MENU,
    3: _HOME,
    4: f"{_NAMES}test_the_palette_finds_a_name_of_the_reference_first",
    5: f"{_APP}test_a_family_opens_and_its_image_leads_to_image_information",
    6: _HOME,
    7: _HOME,
    8: _SETTINGS,
    9: _ORDERS,
    10: _ORDERS,
    11: _HOME,
    12: f"{_WORDS}test_jobs_have_the_words_of_the_reference",
    **dict.fromkeys(range(13, 17), _HOME),
    17: "tests/ui/test_small_parts.py::test_list_times_drop_trailing_zeros",
    18: _FAMILIES,
    19: f"{_APP}test_the_job_summary_opens_beside_the_last_runs",
    20: f"{_PLANNING}test_run.py::test_the_default_job_name_has_the_form_of_the_reference",
    21: "tests/ui/wizards/test_distribute.py::test_a_name_takes_the_stamp_and_a_date_is_checked_beside_its_field",
    22: _DEVICE,
    23: _DEVICE,
    24: _APPLIED,
    25: "tests/ui/test_small_parts.py::test_sizes_have_four_digits_and_the_exact_bytes",
    26: _FAMILIES,
    **dict.fromkeys(range(27, 31), _REPOSITORY),
    31: f"{_NAMES}test_an_empty_repository_says_that_images_come_first_and_stay",
    32: f"{_NAMES}test_an_empty_repository_says_that_images_come_first_and_stay",
    33: _FAMILIES,
    34: _FAMILIES,
    35: _TFTP,
    53: _IMAGE,
    54: f"{_FILES}test_a_catalyst_tar_tells_minimum_memory_and_flash",
    55: _MINIMUMS,
    56: _IMAGE,
    57: _IMAGE,
    58: "tests/unit/engine_services/test_small_services.py::"
    "test_the_flash_tolerance_lowers_the_minimum_that_planning_sees",
    59: _IMAGE,
    60: _IMAGE,
    **dict.fromkeys((75, 76, 77, 79, 82, 85, 86), _SERVERS),
    **dict.fromkeys((78, 80, 81, 83, 84), _PROTOCOLS),
    87: f"{_PLANNING}test_sources.py::"
    "test_the_servers_of_a_device_are_those_of_its_location_then_of_the_groups_above_it",
    88: f"{_PLANNING}test_sources.py::test_each_server_is_given_the_image_once_however_many_devices_pull_it",
    **dict.fromkeys((89, 90, 91), f"{_NAMES}test_the_servers_page_says_when_a_server_is_worth_it"),
    92: f"{_PLANNING}test_sources.py::test_what_a_device_cannot_use_is_passed_over_and_the_image_is_pushed",
    93: _GUIDE,
    157: _SETTINGS,
    158: _ORDERS,
    159: _ORDERS,
    160: f"{_PLANNING}test_protocols.py::test_the_first_protocol_of_the_order_that_pack_and_device_allow_is_chosen",
    161: _A11,
    162: _A11,
    163: f"{_STORIES}test_story_1_switches_pull_from_the_server_of_their_site_and_are_activated_from_that_job",
    164: "tests/ui/wizards/test_words.py::test_a_schedule_has_job_name_start_time_and_every_recurrence",
    165: _GUIDE,
    166: f"{_STORIES}test_story_2_three_routers_minimums_analysis_one_combined_job_in_parallel",
    167: f"{_STORIES}test_story_1_switches_pull_from_the_server_of_their_site_and_are_activated_from_that_job",
    **dict.fromkeys((168, 169, 170), _GUIDE),
    171: "tests/ui/test_on_call.py::test_archive_configuration_submits_a_job_for_every_device_after_a_yes",
    172: _GUIDE,
}
