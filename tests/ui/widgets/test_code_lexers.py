import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.ui.widgets.lexers import LEXERS, Kind

LANGUAGES = ["python", "javascript", "php", "go", "shell"]


def coloured(language, line, state=0):
    pieces, state = LEXERS[language](line, state)
    return {line[start : start + length]: kind for start, length, kind in pieces}, state


@pytest.mark.parametrize("language", LANGUAGES)
@given(line=st.text(max_size=60), state=st.integers(0, 2))
def test_pieces_lie_in_the_line_one_after_another(language, line, state):
    pieces, state = LEXERS[language](line, state)
    assert state in (0, 1, 2)
    assert all(0 <= start <= start + length <= len(line) for start, length, _ in pieces)


def test_what_is_coloured():
    python, _ = coloured("python", 'import os  # set "it"')
    assert python == {"import": Kind.NAME, '# set "it"': Kind.COMMENT}
    php, _ = coloured("php", "$mail->Host = 'a\\'b // c'; // d")
    assert php["$mail"] is Kind.TEMPLATE
    assert php["'a\\'b // c'"] is Kind.STRING
    assert php["// d"] is Kind.COMMENT
    go, _ = coloured("go", '\treturn []byte("x") + 5')
    assert go == {"return": Kind.NAME, "byte": Kind.NAME, '"x"': Kind.STRING, "5": Kind.ATTRIBUTE}


def test_a_shells_texts_and_documents_run_over_lines():
    first, state = coloured("shell", "swaks --body 'Hello")
    assert first == {"swaks": Kind.NAME, "--body": Kind.NAME, "'Hello": Kind.STRING}
    second, state = coloured("shell", "there' --to x", state)
    assert second == {"there'": Kind.STRING, "--to": Kind.NAME}
    _, state = coloured("shell", "cat <<'EOF'", state)
    inside, state = coloured("shell", "# no comment 'here", state)
    assert inside == {"# no comment 'here": Kind.STRING}
    ended, state = coloured("shell", "EOF", state)
    assert (ended, state) == ({"EOF": Kind.NAME}, 0)
