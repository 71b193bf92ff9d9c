"""Rows 1-35, 53-60, 75-93 and 157-172 of the features: number -> the test that shows it."""

from __future__ import annotations

_APP = "tests/ui/test_app.py::"
_ADMIN = "tests/ui/admin/"
_SMALL = "tests/ui/test_small_parts.py::"
_GUIDE = f"{_ADMIN}test_guide.py::test_the_guide_has_ten_questions_in_four_groups_and_the_words_of_the_reference"
_MENU = f"{_ADMIN}test_guide.py::test_the_guide_returns_to_its_list_and_the_menu_leads_everywhere"
_HOME = f"{_APP}test_the_home_view_shows_families_wheel_protocols_links_and_runs"
_ORDERS = f"{_ADMIN}test_settings.py::test_the_edit_links_lead_to_both_protocol_orders_which_are_edited_by_keys"
_SETTINGS = f"{_ADMIN}test_settings.py::test_settings_are_listed_by_group_and_each_kind_is_edited_in_its_way"
_A11 = f"{_ADMIN}test_settings.py::test_the_settings_of_the_reference_are_there_each_with_words_and_a_group"
_DEVICE = f"{_ADMIN}test_devices.py::test_the_device_page_has_five_tabs_and_shows_and_compares_configurations"
_REPOSITORY = (
    f"{_ADMIN}test_repository.py::test_the_repository_has_a_box_for_each_column_a_counter_and_asks_before_it_deletes"
)
_FAMILIES = f"{_ADMIN}test_repository.py::test_every_family_and_version_grammar_of_the_reference_is_shown_as_it_is"
_IMAGE = f"{_ADMIN}test_repository.py::test_image_information_is_edited_and_leads_to_devices_and_jobs"
_MINIMUMS = f"{_APP}test_minimum_requirements_are_edited_in_megabytes_and_a_wrong_one_is_refused_beside_its_field"
_SERVERS = f"{_ADMIN}test_servers.py::test_servers_are_listed_added_with_at_least_one_site_and_verified"
_PROTOCOLS = f"{_ADMIN}test_servers.py::test_manage_protocols_fills_active_protocols_and_tftp_is_not_among_them"
_REMOVED = (
    f"{_ADMIN}test_servers.py::"
    "test_add_server_of_the_home_view_opens_the_form_and_marked_servers_are_removed_by_a_typed_phrase"
)

ROWS: dict[int, str] = {
    1: _GUIDE,
    2: _MENU,
    3: _HOME,
    4: _MENU,
    **dict.fromkeys((5, 6, 7), _HOME),
    8: _SETTINGS,
    9: _ORDERS,
    10: _ORDERS,
    **dict.fromkeys(range(11, 22), _HOME),
    22: _DEVICE,
    23: _DEVICE,
    24: f"{_APP}test_the_image_tab_shows_images_applied_and_the_file_systems",
    25: f"{_APP}test_the_image_tab_shows_images_applied_and_the_file_systems",
    26: _FAMILIES,
    **dict.fromkeys((27, 28, 29, 30), _REPOSITORY),
    31: _REPOSITORY,
    32: _MENU,
    33: _FAMILIES,
    34: _FAMILIES,
    35: _A11,
    53: _IMAGE,
    54: _IMAGE,
    55: _MINIMUMS,
    56: _IMAGE,
    57: _IMAGE,
    58: _A11,
    59: _IMAGE,
    60: _IMAGE,
    **dict.fromkeys((75, 76, 77, 79, 82, 86), _SERVERS),
    **dict.fromkeys((78, 80, 81, 83, 84), _PROTOCOLS),
    85: _REMOVED,
    **dict.fromkeys((87, 88, 89, 90, 91, 92, 93), _REMOVED),
    157: _SETTINGS,
    **dict.fromkeys((158, 159, 160, 161), _ORDERS),
    162: _A11,
    **dict.fromkeys(range(163, 171), _GUIDE),
    171: _DEVICE,
    172: _GUIDE,
}
