"""What to tell a person of an exception, the same on every page."""

from mailgui.transcript import visible


def sentence_of(error: BaseException) -> str:
    """Return one clear sentence for an exception that nothing else explained."""
    sentence = getattr(error, "sentence", "")
    if isinstance(sentence, str) and sentence:
        return sentence
    if isinstance(error, OSError) and error.strerror:
        where = f" ({visible(str(error.filename))})" if error.filename else ""
        return f"{error.strerror}{where}."
    if isinstance(error, OSError | ValueError) and str(error):
        text = " ".join(str(error).split())[:300]
        return text if text.endswith(".") else f"{text}."
    # Its text may hold anything; its type is safe to show.
    return (
        f"Something inside MailGUI failed ({type(error).__name__}). Nothing in your draft is lost."
    )
