from adapter.demo.html_forms import parse_page

PAGE = """<!doctype html><html><body>
<p>Код: <code id="receipt-code">rc_abc</code></p>
<a href="/customer/consents/cn_1/stop">Остановить<span> сервис</span></a>
<form method="post" action="/decide">
  <input type="hidden" name="csrf" value="t0ken">
  <label><input type="checkbox" name="account" value="acc_1"><span>Счёт 40702&nbsp;810</span></label>
  <label><input type="checkbox" name="account" value="acc_2" checked><span>Второй</span></label>
  <label><input type="radio" name="days" value="90" checked> 90</label>
  <label><input type="radio" name="days" value="180"> 180</label>
  <textarea name="purpose">Оплата &amp; доставка</textarea>
  <select name="mode"><option value="a">А</option><option value="b" selected>Б</option></select>
  <input name="off" value="x" disabled>
  <button name="decision" value="allow">Разрешить</button>
</form>
</body></html>"""


def test_sends_what_a_browser_would_send_untouched() -> None:
    (form,) = parse_page(PAGE).forms
    assert (form.method, form.action) == ("post", "/decide")
    assert form.defaults() == [
        ("csrf", "t0ken"),
        ("account", "acc_2"),
        ("days", "90"),
        ("purpose", "Оплата & доставка"),
        ("mode", "b"),
    ]


def test_tells_boxes_by_the_words_of_their_labels() -> None:
    (form,) = parse_page(PAGE).forms
    assert [(box.value, box.words, box.is_set) for box in form.choices("account")] == [
        ("acc_1", "Счёт 40702 810", False),
        ("acc_2", "Второй", True),
    ]


def test_finds_links_and_marked_texts() -> None:
    parsed = parse_page(PAGE)
    assert parsed.links == [("/customer/consents/cn_1/stop", "Остановить сервис")]
    assert parsed.marked == {"receipt-code": "rc_abc"}
