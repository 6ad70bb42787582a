"""The pages once more in a browser: at 200%, in the dark theme, and both."""

import pytest

from tests.test_browser import look_at, opened

__all__ = ["opened"]  # a fixture


@pytest.mark.parametrize(("dark", "zoomed"), [(False, True), (True, False), (True, True)])
def test_axe_finds_nothing_and_nothing_is_cut_off(dark, zoomed, opened):
    look_at(opened, dark, zoomed)
