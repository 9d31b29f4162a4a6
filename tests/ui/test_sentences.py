from mailgui.ui.sentences import sentence_of


def test_every_exception_is_one_sentence_without_its_secrets():
    assert sentence_of(OSError(2, "No such file", "/x")).endswith("(/x).")
    assert sentence_of(ValueError("There is no provider")) == "There is no provider."
    assert "hunter2" not in sentence_of(KeyError("hunter2"))
