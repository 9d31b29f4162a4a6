"""Drafts that would like to be run: what they hold is never more than text in exported code."""

import ast
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.jobs.code import CodeKind, CodeProblem, export_code
from mailgui.jobs.code_secrets import Secrets
from mailgui.message.draft import Address, ApiExtras, Attachment, Draft, DraftProblem
from mailgui.smtp.settings import SmtpSettings, TlsMode

RUN = "touch pwned"
PAYLOADS = [
    f"$({RUN})", f"`{RUN}`", f"';{RUN};'", f'";{RUN};"', f"\\';{RUN} #", f"a\nEOF\n{RUN}\n",
    f"a\nJSON\n{RUN}\nJSON\n", f"a\nBASE64\n{RUN}\n", f"EOF_\nEOF\n{RUN}\n", "{{7*7}}{% set x=1 %}",
    f"a\\\n{RUN}\n", f"\u2028{RUN}\u2029", f"\r{RUN}\r", f"\0{RUN}", "--output=pwned", "@pwned",
    f"{{__import__('os').system('{RUN}')}}",
    f"\"+__import__('os').system('{RUN}')+\"", f"\ud800$({RUN})",
    f": export x; {RUN} " + "y" * 100, "\\", "'\\", '"""', "'''", f"x\n\n\n\n{RUN}\n\n\n",
]  # fmt: skip
BASE = Draft(Address("a@b.example"), (Address("c@d.example"),), subject="s", text="t")
PROVIDERS = [
    ApiSettings(name, "http://127.0.0.1:1", {"domain": "x.example", "region": "us-east-1"})
    for name in ("resend", "mailgun", "mandrill", "amazon_ses")
]
SMTP = SmtpSettings("127.0.0.1", 1, TlsMode.NONE, username="u")


def drafts(text: str) -> list[Draft]:
    attached = [
        Attachment(text, data=b"x"),
        Attachment("x", path=Path(text)),
        Attachment("x", text, data=b"x"),
        Attachment("x", data=b"x", content_id=text),
    ]
    extras = ApiExtras(tags=(text,), metadata={text: text}, idempotency_key=text)
    return [
        replace(BASE, subject=text),
        replace(BASE, text=text, html=text),
        replace(BASE, sender=Address("a@b.example", text), to=(Address(f'"{text}"@d.example'),)),
        replace(BASE, headers=(("X-A", text), (text, "v"))),
        replace(BASE, message_id=text),
        *(replace(BASE, attachments=(each,)) for each in attached),
        replace(BASE, extras=extras),
        replace(BASE, extras=replace(extras, template_id=text, variables={text: text})),
    ]


def pages(kind: CodeKind, text: str) -> set[str]:
    made = set()
    for settings in (SMTP, *PROVIDERS):
        for draft in drafts(text):
            for secrets in (Secrets({"password": text, "key": text}), Secrets({}, {"key": text})):
                try:
                    made.add(export_code(kind, draft, settings, secrets))
                except (DraftProblem, CodeProblem) as problem:
                    assert str(problem).endswith(".")  # noqa: PT017
    return made


@pytest.mark.skipif(os.name != "posix", reason="shells are those of POSIX")
@pytest.mark.parametrize("text", PAYLOADS)
@pytest.mark.parametrize("kind", [CodeKind.CURL, CodeKind.SWAKS])
def test_a_shell_runs_nothing_of_it(kind, text, tmp_path):
    """The programs themselves are stand-ins that do nothing."""
    for name in ("curl", "swaks"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\nexec cat > /dev/null\n")
        program.chmod(0o700)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    whole = "\n".join(f"(\n{page}\n)" for page in pages(kind, text))
    (tmp_path / "all.sh").write_text(whole)
    environment = {"PATH": path, "RESEND_API_KEY": f"$({RUN})", "TMPDIR": str(tmp_path)}
    subprocess.run(
        ["bash", "all.sh"], env=environment, cwd=tmp_path, capture_output=True, check=False
    )
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("text", PAYLOADS)
@pytest.mark.parametrize("kind", ["httpx", "requests", "smtplib", "aiosmtplib"])
def test_python_reads_it_as_text(kind, text):
    for page in pages(CodeKind(kind), text):
        names = {node.id for node in ast.walk(ast.parse(page)) if isinstance(node, ast.Name)}
        assert not names & {"__import__", "eval", "exec"}


@pytest.mark.parametrize("text", PAYLOADS)
@pytest.mark.parametrize("kind", [kind for kind in CodeKind if kind is not CodeKind.RAW])
def test_nothing_in_it_steers_a_terminal(kind, text):
    for page in pages(kind, text):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", page)


@pytest.mark.parametrize("kind", [CodeKind.CURL, CodeKind.SWAKS])
def test_blank_lines_of_a_text_stay(kind):
    code = export_code(kind, replace(BASE, text="one two\n\n\n\nthree\n"), SMTP)
    assert "one two\n\n\n\nthree" in code
