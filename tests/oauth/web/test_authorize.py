"""From the partner to the bank's login, the consent page, and back."""

from __future__ import annotations

from oauth import partners
from tests.oauth.web.actors import ISSUER, Browser, answer_of, text_of


def test_a_customer_agrees_and_the_partner_gets_one_code(browser: Browser, partner: partners.Partner) -> None:
    path = browser.come_to_consent(partner)
    answer = answer_of(browser.decide(path))
    assert answer["code"].startswith("ac_")
    assert answer["state"] == "af0ifjsldkj"
    assert answer["iss"] == ISSUER


def test_the_page_says_who_asks_for_what_and_until_when(browser: Browser, partner: partners.Partner) -> None:
    page = text_of(browser.open(browser.come_to_consent(partner)))
    for words in ("Platrum", "ООО «Платрум»", "7707083893", "40702 810 4 0000 0012345", "до 19 мая 2027 г."):
        assert words in page
