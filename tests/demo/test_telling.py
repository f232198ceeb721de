import pytest

from adapter.demo.telling import DemoFailed, Teller, shorten, tell_members


def test_a_check_that_holds_is_told_and_counted() -> None:
    lines: list[str] = []
    tell = Teller(lines.append, is_coloured=False)
    tell.step("Первый шаг")
    tell.check("два плюс два", 2 + 2, 4)
    assert lines == ["", "1. Первый шаг", "   ✓ два плюс два"]
    assert (tell.steps, tell.checks) == (1, 1)


def test_a_check_that_fails_says_what_was_expected_and_got() -> None:
    tell = Teller(lambda _: None, is_coloured=False)
    with pytest.raises(DemoFailed, match="the status: expected 404, got 200"):
        tell.check("the status", 200, 404)
    assert tell.checks == 0


@pytest.mark.parametrize("secret", ["at_" + "x" * 43, "urn:ietf:params:oauth:request_uri:" + "x" * 43])
def test_secrets_are_cut(secret: str) -> None:
    told = shorten(secret)
    assert told.endswith("xxxx…")
    assert len(told) < len(secret) - 30


def test_members_are_told_in_the_order_asked_and_lists_by_their_length() -> None:
    body = {"id": "imp_1", "payments": [1, 2], "left": None, "other": 1}
    assert tell_members(body, ("payments", "id", "left")) == "payments=[2], id=imp_1"
