import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.jobs.html_text import html_to_text
from tests.support.effort import bounded_effort


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>Hello <b>you</b>,</p><p>bye</p>", "Hello you,\n\nbye"),
        ("<style>p{}</style><script>x()</script><title>t</title>a", "a"),
        ('<a href="https://evil.example/">bank</a>', "bank <https://evil.example/>"),
        ('<img src="http://x/" alt="logo"><img>', "[image: logo][image: no description]"),
        ("<ul><li>a<li>b</ul>", "• a\n• b"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("</script></p></a>text", "text"),
        ("<td>1</td><td>2</td>", "1 2"),
    ],
)
def test_words(html, text):
    assert html_to_text(html) == text


@given(st.text())
def test_anything_is_read(html):
    html_to_text(html)
    html_to_text(f"<p><a href='{html}'>x</a>")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a <!-- b > c --> d", "a d"),
        ("a <!-- never ends", "a"),
        ("a < b > c & d", "a < b > c & d"),
        ("<p title=it's>one</p><p title='>'>two</p>", "one\n\ntwo"),
        ("<a href=https://x.example/?a=1&amp;b>x</a>", "x <https://x.example/?a=1&b>"),
        ("<A HREF = 'https://x.example/'>x</A>", "x <https://x.example/>"),
        ("<script>if (a<b) '</p>'</SCRIPT >c", "c"),
        ("<!doctype html><?xml x?><![CDATA[y]]>z", "z"),
        ("a<b ", "a"),
        ("&#99999999999999999999999;&#65;&#x42;&copy", "\ufffdAB©"),
        (f"&#{'9' * 5000};x", f"&#{'9' * 5000};x"),
        ("<a href=x><a href=y>z</a></a>", "z <y> <x>"),
        ("<img alt=logo/>", "[image: logo/]"),
    ],
)
def test_how_browsers_read_it(html, text):
    assert html_to_text(html) == text


UNITS = [
    "<",
    "</",
    "<!",
    "<!-",
    "<!--",
    "<![CDATA[",
    "<?",
    "<a ",
    "<a a=",
    "<a a='",
    '<a a="',
    "</a ",
    "&",
    "&#x",
    "&a",
    "<a/",
    '<a"',
    "<script>",
    "<script></scrip",
    "<title>",
    "<a href=x>",
    "</a>",
    "<div>",
    "a>",
    "='",
    "<a =",
    "'\"",
    "<p>\n",
    "<img>",
    " ",
    "\n",
    "<a b='c\">",
]


@pytest.mark.parametrize("start", ["", "<a ", "<script>", "<!--", "&"])
@pytest.mark.parametrize("unit", UNITS)
def test_what_never_ends_is_read_at_once(start, unit):
    with bounded_effort():
        html_to_text(start + unit * (1_000_000 // len(unit)))
