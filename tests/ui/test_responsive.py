"""The window goes on working while a large message is on its way."""

from PySide6.QtCore import QTimer

from mailgui.message.draft import Address, Attachment, Draft
from mailgui.ui.application import begin, close_engine, make_frame

LARGE = 20_000_000


def test_twenty_megabytes_leave_the_window_awake(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))
    file = tmp_path / "large.bin"
    with file.open("wb") as written:
        written.truncate(LARGE)
    window = make_frame({}, scheme="light")
    bridge, services = begin(window)
    try:
        window.show()
        compose = window.compose
        qtbot.waitUntil(lambda: compose.draft().subject != "", timeout=20_000)
        compose.set_draft(
            Draft(
                sender=Address("a@good.example"),
                to=(Address("b@good.example"),),
                subject="Large",
                attachments=(Attachment("large.bin", path=file),),
            )
        )
        ticks = []
        timer = QTimer(interval=1)
        timer.timeout.connect(lambda: ticks.append(compose.busy))
        timer.start()
        compose.send()
        qtbot.waitUntil(lambda: not compose.busy, timeout=100_000)
        timer.stop()
        report = compose.controller.report
        assert report.transcript.outcome == "accepted"
        assert sum(event.data_length or 0 for event in report.transcript.events) > LARGE
        assert sum(ticks) > 20  # a window that waited would have had none
    finally:
        window.close()
        close_engine(bridge, services)
        window.deleteLater()
