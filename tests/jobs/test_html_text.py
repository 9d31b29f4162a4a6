import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.jobs.html_text import html_to_text


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
