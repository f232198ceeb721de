import datetime as dt

from adapter.demo.exchange_files import BAD, GOOD, Payer, find_line, write_file
from adapter.domain.order_rules import check_order
from adapter.domain.parties import Party
from adapter.formats.onec_exchange import parse_orders
from adapter.formats.order_values import read_order_values

DAY = dt.date(2026, 11, 20)
PAYER = Payer(name='ООО "Вега"', inn="7701123451", account="40702810400170001001", bic="044525987")


def broken_rules(data: bytes) -> list[tuple[int | None, str]]:
    parsed = parse_orders(data)
    assert not parsed.errors
    payer = Party(name=PAYER.name, inn=PAYER.inn, kpp="770101001")
    return [
        (line.field_lines.get("payee.account"), error.pointer)
        for line in parsed.orders
        for error in check_order(
            line.order,
            payer=payer,
            payer_account=PAYER.account,
            payer_bic=PAYER.bic,
            today=DAY,
            past_days=10,
            future_days=10,
            values=read_order_values(),
            payee_bank=None,
            knows_banks=False,
        )
    ]


def test_the_good_orders_of_the_demo_break_no_rule() -> None:
    assert broken_rules(write_file(PAYER, GOOD, DAY)) == []


def test_the_bad_order_breaks_one_rule_at_its_own_line() -> None:
    data = write_file(PAYER, (GOOD[0], BAD), DAY)
    assert broken_rules(data) == [(find_line(data, BAD.account), "/payee/account")]
