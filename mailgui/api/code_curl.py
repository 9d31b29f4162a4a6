"""A request as a curl command, for bash and the shells like it."""

from urllib.parse import quote

from mailgui.api.code_request import CodeFile, CodeRequest
from mailgui.message.code_page import code_page
from mailgui.message.dialects import SHELL
from mailgui.message.heredoc import base64_document, json_document
from mailgui.message.literals import Source, Text, joined

_LONGEST_WORD = 100_000  # octets: Linux lets no word of a command line be longer than 128 KiB


def curl_code(request: CodeRequest) -> str:
    """Return the request as a curl command. AWS's signature needs curl 7.75."""
    maker = _Maker(request)
    maker.run()
    return code_page(
        "http-curl",
        SHELL,
        remarks=[SHELL.remark(sentence) for sentence in request.remarks],
        files=maker.files,
        options=maker.options,
        document=maker.document,
    )


class _Maker:
    """Makes the options one after another; what is too long or binary goes into files first."""

    def __init__(self, request: CodeRequest) -> None:
        self.request = request
        self.options: list[Source] = []
        self.files: list[Source] = []
        self.document: Source | None = None

    def run(self) -> None:
        request = self.request
        if request.method != ("GET" if request.body is None else "POST"):
            self._add("--request", request.method)
        self._add("--url", request.url)
        if any(char in request.url for char in "[]{}"):
            self.options.append(Source("--globoff"))
        self._sign()
        typed = request.body_kind not in {"form", "multipart"}
        for name, value in request.all_headers() if typed else request.headers:
            # curl leaves out a header without value unless it ends in a semicolon.
            whole = joined(f"{name}: ", value) if value != "" else f"{name};"
            self._add("--header", whole)
        self._connection()
        if request.body is not None:
            getattr(self, f"_{request.body_kind}")()

    def _add(self, option: str, value: Text) -> None:
        self.options.append(Source(f"{option} {SHELL.text(value)}"))

    def _sign(self) -> None:
        request = self.request
        if request.basic:
            self._add("--user", joined(request.basic[0], ":", request.basic[1]))
        if request.sigv4:
            keys = request.sigv4
            self._add("--aws-sigv4", f"aws:amz:{keys.region}:{keys.service}")
            self._add("--user", joined(keys.access_key, ":", keys.secret_key))
            if keys.session_token:
                self._add("--header", joined("X-Amz-Security-Token: ", keys.session_token))

    def _connection(self) -> None:
        request = self.request
        if not request.tls_verify:
            self.options.append(Source("--insecure"))
        elif request.tls_ca:
            self._add("--cacert", request.tls_ca)
        self._add("--max-time", f"{request.timeout:g}")

    def _json(self) -> None:
        self.options.append(Source("--data-binary @-"))
        self.document = json_document(self.request.body)

    def _form(self) -> None:
        for name, value in self.request.body:
            # curl encodes the value; of the name it wants that done.
            encoded = quote(name, safe="")
            if self._too_long(value):
                path = self._file(str(value).encode())
                self.options.append(Source(f"--data-urlencode {encoded}@{path}"))
            else:
                self._add("--data-urlencode", joined(f"{encoded}=", value))

    def _multipart(self) -> None:
        for name, value in self.request.body:
            if isinstance(value, CodeFile):
                self._file_part(name, value)
            elif self._too_long(value):
                path = self._file(str(value).encode())
                self.options.append(Source(f"--form {SHELL.text(f'{name}=<')}{path}"))
            else:
                self._add("--form-string", joined(f"{name}=", value))

    def _file_part(self, name: str, file: CodeFile) -> None:
        attributes = f";type={file.content_type};filename={_form_quoted(file.filename)}"
        if file.path is not None:
            whole = f"{name}=@{_form_quoted(file.path)}{attributes}"
            self._add("--form", whole)
        else:
            path = self._file(file.data)
            words = f"--form {SHELL.text(f'{name}=@')}{path}{SHELL.forced(attributes)}"
            self.options.append(Source(words))

    def _raw(self) -> None:
        path = self._file(self.request.body)
        self.options.append(Source(f"--data-binary @{path}"))

    _octets = _raw

    @staticmethod
    def _too_long(value: Text) -> bool:
        return isinstance(value, str) and len(value.encode("utf-8", "replace")) > _LONGEST_WORD

    def _file(self, data: bytes) -> Source:
        path = f'"$files/{len(self.files) + 1}"'
        self.files.append(Source(f"base64 -d > {path} {base64_document(data)}"))
        return Source(path)


def _form_quoted(text: str) -> str:
    """Quote a value inside ``--form``, where commas and semicolons part them."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
