"""The MX matrix as rows of a table."""

from mailgui.jobs.mx_matrix import MatrixPlace, MatrixRow
from mailgui.jobs.mx_matrix_forms import (
    EXTENSIONS,
    certificate_words,
    dane_words,
    mta_sts_words,
    reach_words,
    tls_words,
)
from mailgui.message.attachments import human_size
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.data_table_model import Cell, Column, Row

COLUMNS = (
    Column("Pref", right=True, most=60, words="Preference: lower ones are tried first"),
    Column("Host", mono=True, most=220),
    Column("Address", mono=True, most=220),
    Column("Reached", most=130),
    Column("TLS", most=110),
    Column("Certificate", most=110, words="Whether this system trusts it for the host's name"),
    Column("DANE", most=140, words="Whether the TLSA records fit the certificate"),
    Column("MTA-STS", most=110, words="Whether the domain's policy names the host"),
    Column("SIZE", right=True, most=90, words="The largest message it takes"),
    *(Column(name, most=150) for name in EXTENSIONS),
    Column("Greeting", mono=True, most=420),
)
_TONES = {
    "answers": Tone.PASS,
    "turned away": Tone.ATTENTION,
    "silent": Tone.ATTENTION,
    "valid": Tone.PASS,
    "not valid": Tone.BROKEN,
    "not offered": Tone.ATTENTION,
    "failed": Tone.BROKEN,
    "fits": Tone.PASS,
    "does not fit": Tone.BROKEN,
    "bogus": Tone.BROKEN,
    "unusable": Tone.ATTENTION,
    "unknown": Tone.ATTENTION,
    "named": Tone.PASS,
    "not named": Tone.BROKEN,
    "no answer": Tone.BROKEN,
    "refused": Tone.BROKEN,
    "no route": Tone.BROKEN,
    "blocked here": Tone.BROKEN,
    "no address": Tone.BROKEN,
}


def waiting_row(place: MatrixPlace) -> Row:
    """Return the row of a place that is being knocked at."""
    return [*_place(place), Cell("knocking…")] + [Cell("")] * (len(COLUMNS) - 4)


def ready_row(row: MatrixRow) -> Row:
    """Return the row of a place that has answered, or has not."""
    probe = row.probe
    cells = [*_place(row.place), _judged(reach_words(row), row.problem)]
    cells.append(_judged(tls_words(probe)) if probe else Cell(""))
    cells.append(_judged(certificate_words(probe), probe.fault) if probe else Cell(""))
    cells.append(_judged(dane_words(row), row.match.reason if row.match else ""))
    cells.append(_judged(mta_sts_words(row)))
    if probe is None or not probe.answered:
        cells += [Cell("")] * (1 + len(EXTENSIONS))
        return [*cells, Cell(probe.banner if probe else "")]
    offers = probe.best_offers
    limit = offers.size_limit
    words = human_size(limit) if limit else ("no limit" if "SIZE" in offers else "–")
    cells.append(Cell(words, sort=limit or 0))
    for name in EXTENSIONS:
        offered = name in offers
        more = " ".join(offers.parameters(name))
        cells.append(Cell("✓ yes" if offered else "– no", sort=not offered, more=more))
    return [*cells, Cell(probe.banner)]


def _place(place: MatrixPlace) -> list[Cell]:
    preference = place.exchanger.preference
    address = place.address or "–"
    if place.address and place.port != 25:
        address = f"[{address}]" if ":" in address else address
        address = f"{address}:{place.port}"
    return [Cell(str(preference), sort=preference), Cell(place.exchanger.host), Cell(address)]


def _judged(words: str, more: str = "") -> Cell:
    return Cell(words, _TONES.get(words), more=more)
