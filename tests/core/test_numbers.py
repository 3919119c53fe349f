import pytest

from core.numbers import whole


@pytest.mark.parametrize(("written", "number"), [("0", 0), (" 12 ", 12), ("9" * 18, 10**18 - 1)])
def test_number_is_read(written, number):
    assert whole(written) == number


@pytest.mark.parametrize("written", ["", "-1", "1.5", "1_0", "²", "٣", "9" * 19, "9" * 5000, "one"])
def test_anything_else_is_none(written):
    assert whole(written) is None
