"""However a server's octets are cut into packets, the same is recorded and told."""

from hypothesis import strategies as st

from mailgui.smtp.plan import Plan
from tests.support.fuzzing import fuzz, sound_scripts
from tests.support.hostile import Octets, Pieces, Say, play

TEXTS = [
    "250 2.1.0 Ok",
    "250-first\r\n250 last",
    "250",
    "550 5.1.1 No such user caf\xe9",
    "450-4.2.0 Later\r\n450-4.2.0 please\r\n450 4.2.0 Greylisted",
    "250-a\r\n550 b",
    "421 4.3.2 Shutting down",
    "999 What",
    "nonsense",
]


@st.composite
def dialogues(draw):
    """Return a plan's name, and a script of which one reply is something else, with its cuts."""
    name = draw(st.sampled_from(["plain", "old", "auth"]))
    script = list(sound_scripts(1, 24)[name])
    said = [index for index, step in enumerate(script) if isinstance(step, Say)]
    script[draw(st.sampled_from(said))] = Say(draw(st.sampled_from(TEXTS)))
    cuts = draw(st.lists(st.integers(1, 200), max_size=30))
    return name, script, cuts


def in_pieces(script, cuts):
    return [Pieces(step.octets, tuple(cuts)) if isinstance(step, Say) else step for step in script]


def told(script, name):
    sign_in = {"username": "ann", "password": "correct horse"} if name == "auth" else {}
    plan = Plan(pipelining=False)
    transcript, _ = play(script, Octets(b"x" * 24), plan=plan, timeout=0.5, **sign_in)
    events = [
        (event.direction, event.text, event.expected, event.stage)
        for event in transcript.events
        if event.octets or event.data_length
    ]
    fate = [(each.address, each.outcome, each.reply) for each in transcript.recipients]
    return transcript.outcome, transcript.stage, transcript.fault, transcript.reply, fate, events


@fuzz(dialogues())
def test_no_split_of_a_dialogue_changes_what_is_told(dialogue):
    name, script, cuts = dialogue
    assert told(in_pieces(script, cuts), name) == told(script, name)
