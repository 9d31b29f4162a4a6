import ast
import json
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailgui.message.code_page import Unquoted, _environment, code_page
from mailgui.message.dialects import GO, JAVASCRIPT, PHP, PYTHON, SHELL
from mailgui.message.heredoc import document, json_document
from mailgui.message.literals import FileBase64, Mixed, Variable, broken, joined, wrapped
from mailgui.transcript import visible
from tests.servers.availability import program

HOSTILE = [
    "", "'", '"', "\\", "`id`", "$(id)", "$HOME ${HOME} $x {$x} #{x}", "a\nb\n", "\r\n", "\t",
    "\\n \\x41 \\u0041 \\", "?><?php", "*/ // # --", "%s %d %(x)s {x} {{ x }} {% raw %}",
    "\u202eevil\u2066", "\ufeff", "\x01\x7f\x80\x9f\xad", "é ☃ 😀", "EOF\nJSON\nEOF_",
    "-rf", "@file", "~", "!history", "\x1b[31m", "\u2028\u2029",
    "a'; rm -rf /; '", '"; exit; "', "__proto__", "0", "01",
]  # fmt: skip
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
FEW = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])


def safe(code):
    """Nothing in code is invisible or steers a terminal."""
    assert visible(code, keep_newlines=True) == code
    return code


def output(*command):
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


@given(TEXTS)
@example("a\x1b\u202e'\"\\\n{x}")
def test_python(text):
    assert ast.literal_eval(safe(PYTHON.quoted(text))) == text
    assert ast.literal_eval(safe(PYTHON.value({"k": [text, {text: None}]}))) == {
        "k": [text, {text: None}]
    }
    mixed = PYTHON.mixed(Mixed((text, Variable("KEY"), text)))
    os = type("os", (), {"environ": {"KEY": "k"}})
    assert eval(safe(mixed), {"os": os}) == f"{text}k{text}"


@pytest.mark.parametrize("text", HOSTILE)
def test_python_with_what_is_hostile(text):
    assert ast.literal_eval(safe(PYTHON.block(text))) == text


@FEW
@given(st.lists(TEXTS, min_size=20, max_size=40))
@example(HOSTILE)
def test_shell(texts):
    program("bash", "bash")
    words = " ".join(SHELL.text(text) for text in texts)
    said = output("bash", "-c", f"printf '%s\\0' {safe(words)}", "x", "LC_ALL=C.UTF-8")
    assert said.decode().split("\0")[:-1] == texts


@FEW
@given(st.lists(TEXTS, min_size=20, max_size=40))
@example(HOSTILE)
def test_documents_in_shell(texts):
    program("bash", "bash")
    tree = {"texts": texts, **{text: text for text in texts}}
    for value in (tree, {**tree, "key": Mixed(("a'`$", Variable("KEY"), '"'))}):
        code = safe(json_document(value))
        said = json.loads(output("bash", "-c", f"KEY=k\ncat {code}"))
        assert said.pop("key", "a'`$k\"") == "a'`$k\""
        assert said == tree
    whole = "".join(text.replace("\n", " ") + "\n" for text in texts)
    whole = visible(whole, keep_newlines=True)
    assert output("bash", "-c", f"cat {document(whole)}").decode() == whole


@FEW
@given(st.lists(TEXTS, min_size=20, max_size=40))
@example(HOSTILE)
def test_javascript(texts):
    program("node", "nodejs")
    tree = {"texts": texts, **{text: [text, None, True] for text in texts}}
    code = f"process.stdout.write(JSON.stringify({safe(JAVASCRIPT.value(tree))}))"
    assert json.loads(output("node", "-e", code)) == tree


@FEW
@given(st.lists(TEXTS, min_size=20, max_size=40))
@example(HOSTILE)
def test_php(texts):
    program("php", "php-cli")
    code = f"echo json_encode({safe(PHP.value(texts))}, JSON_THROW_ON_ERROR);"
    assert json.loads(output("php", "-r", code)) == texts


@settings(FEW, max_examples=2)
@given(st.lists(TEXTS, min_size=20, max_size=40))
@example(HOSTILE)
def test_go(tmp_path_factory, texts):
    if shutil.which("go") is None:
        pytest.skip("Go is not installed; it is large")
    from tests.support.programs import run

    code = (
        'package main\n\nimport (\n\t"encoding/json"\n\t"os"\n)\n\nfunc main() {\n'
        f"\ttexts := {safe(GO.value(texts, 1))}\n"
        "\tjson.NewEncoder(os.Stdout).Encode(texts)\n}\n"
    )
    assert json.loads(run("go", code, tmp_path_factory.mktemp("go")).stdout) == texts


@given(st.lists(TEXTS), st.integers(20, 100))
def test_comments_are_one_line_each_and_end_nothing(texts, width):
    for dialect in (PYTHON, PHP, GO, JAVASCRIPT, SHELL):
        for line in dialect.remark(" ".join(texts)).split("\n"):
            assert line.startswith(dialect.comment.rstrip())
            assert "?>" not in line
            assert safe(line).isprintable() or "\t" not in line
    assert all("\n" not in line for line in wrapped(" ".join(texts), width))


def test_a_template_cannot_print_what_is_not_quoted():
    template = _environment().from_string("{{ text }}")
    with pytest.raises(Unquoted):
        template.render(text="anything")
    assert template.render(text=PYTHON.text("x")) == '"x"'


def test_a_template_is_given_what_it_names():
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        code_page("http-curl", SHELL)


def test_pieces_are_joined_where_they_can_be():
    assert joined("a", "b", "") == "ab"
    key = Variable("KEY")
    assert joined("a", Mixed(("b", key)), "c") == Mixed(("ab", key, "c"))
    assert PYTHON.text(Mixed((key,))) == 'os.environ["KEY"]'
    assert PYTHON.text(Mixed(("x", FileBase64("f")))).startswith('"x" + base64.')
    assert SHELL.text(Mixed(("Bearer ", key))) == '"Bearer $KEY"'
    assert SHELL.text(Mixed((key, "x"))) == '"${KEY}x"'
    assert SHELL.text(Mixed(("a`b", key))) == "'a`b'\"$KEY\""


@given(TEXTS)
def test_breaking_loses_nothing(text):
    assert "".join(broken(text)) == text
    assert "".join(broken("QUJD" * 200)) == "QUJD" * 200
