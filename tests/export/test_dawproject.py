import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.export.arrangement import arrange, instruments_of
from seqvae.export.dawproject import dawproject_bytes
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from tests.midi.building import scores, texts

ROOT = Path(__file__).parent.parent.parent
SCHEMAS = ROOT.parent / "shared" / "dawproject"  # from github.com/bitwig/dawproject; not in this repository
GOLDEN = Path(__file__).parent / "golden"

FLUTE = Track((Note(0, 480, 72, 127), Note(960, 1440, 74, 64)), name="Flute & co", program=73)
KIT = Track((Note(0, 120, 36, 100),), name="Kit", is_drum=True)
TWO_CLIPS = [
    Score((FLUTE,), metres=(Metre(0, 3, 4),), end_tick=1440),
    Score((FLUTE, KIT), tempi=(Tempo(0, 600_000), Tempo(960, 400_000)), end_tick=1920),
]
LABELS = ["1 waltz", "2 <march>"]


@st.composite
def walks(draw: st.DrawFn) -> tuple[list[Score], list[str]]:
    """Draw clips and their labels."""
    clips = draw(st.lists(scores(), min_size=1, max_size=3))
    return clips, draw(st.lists(texts, min_size=len(clips), max_size=len(clips)))


def unpack(data: bytes, name: str = "project.xml") -> ET.Element:
    """Parse one of the two files of a DAWproject."""
    return ET.fromstring(zipfile.ZipFile(io.BytesIO(data)).read(name))


def ticks(element: ET.Element, name: str = "time") -> int:
    """Read a time in quarters as ticks."""
    return round(float(element.get(name)) * 480)


def notes_in(clip: ET.Element) -> Iterator[Note]:
    """Read the notes that stand directly in a clip, from the start of its parent timeline."""
    for note in clip.findall("Notes/Note"):
        start = ticks(clip) + ticks(note)
        velocity = round(float(note.get("vel")) * 127)
        yield Note(start, start + ticks(note, "duration"), int(note.get("key")), velocity)


@given(walks())
def test_arrangement_holds_every_note(walk):
    """Read back, each track has the notes of the arrangement, on one channel."""
    whole = arrange(*walk)
    lanes = unpack(dawproject_bytes(*walk)).findall("Arrangement/Lanes/Lanes")

    found = [sorted(n for clip in lane.findall("Clips/Clip") for n in notes_in(clip)) for lane in lanes]
    assert found == [sorted(track.notes) for track in whole.tracks]
    assert all(len({note.get("channel") for note in lane.iter("Note")}) <= 1 for lane in lanes)


@given(walks())
def test_each_step_is_a_scene(walk):
    """A row of the launcher has the notes of its clip, a slot per instrument, and the name of its marker."""
    clips, _ = walk
    whole = arrange(*walk)
    project = unpack(dawproject_bytes(*walk))
    scenes = project.findall("Scenes/Scene")

    for clip, scene in zip(clips, scenes, strict=True):
        slots = scene.findall("Lanes/ClipSlot")
        for instrument, slot in zip(instruments_of(whole), slots, strict=True):
            track = instruments_of(clip).get(instrument)
            assert [sorted(notes_in(found)) for found in slot] == ([sorted(track.notes)] if track else [])
    names = [marker.get("name") for marker in project.findall("Arrangement/Markers/Marker")]
    assert [scene.get("name") for scene in scenes] == names


@given(walks())
def test_time_comes_back_exactly(walk):
    """Tempi to the microsecond, metres and markers to the tick."""
    whole = arrange(*walk)
    project = unpack(dawproject_bytes(*walk))

    found = [
        Tempo(ticks(point), round(60e6 / float(point.get("value"))))
        for point in project.findall("Arrangement/TempoAutomation/RealPoint")
    ]
    first = project.find("Transport/Tempo")
    assert round(60e6 / float(first.get("value"))) == whole.tempi[0].microseconds_per_quarter
    assert tuple(found) == (whole.tempi if len(whole.tempi) > 1 else ())
    metres = [
        (ticks(point), int(point.get("numerator")), int(point.get("denominator")))
        for point in project.findall("Arrangement/TimeSignatureAutomation/TimeSignaturePoint")
    ]
    assert tuple(metres) == (whole.metres if len(whole.metres) > 1 else ())
    markers = [ticks(marker) for marker in project.findall("Arrangement/Markers/Marker")]
    assert markers == [tick for tick, _ in whole.markers]


@given(walks())
def test_references_lead_somewhere(walk):
    """Every id is there once, and nothing refers to one that is not."""
    elements = list(unpack(dawproject_bytes(*walk)).iter())
    ids = [element.get("id") for element in elements if element.get("id")]
    wanted = {element.get(name) for element in elements for name in ("track", "destination", "parameter")}

    assert len(ids) == len(set(ids))
    assert wanted - {None} <= set(ids)


@given(walks())
def test_both_files_obey_the_schemas(walk):
    """DAWproject 1.0 as its makers define it."""
    etree = pytest.importorskip("lxml.etree")
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of DAWproject are not beside the repository")
    archive = zipfile.ZipFile(io.BytesIO(dawproject_bytes(*walk)))

    for name in ("Project", "MetaData"):
        schema = etree.XMLSchema(etree.parse(SCHEMAS / f"{name}.xsd"))
        schema.assertValid(etree.fromstring(archive.read(f"{name.lower()}.xml")))


@given(walks())
def test_the_same_clips_give_the_same_bytes(walk):
    """Nothing depends on the clock; the entries bear the earliest date a ZIP knows."""
    data = dawproject_bytes(*walk)
    entries = zipfile.ZipFile(io.BytesIO(data)).infolist()

    assert data == dawproject_bytes(*walk)
    assert [(entry.filename, entry.date_time) for entry in entries] == [
        ("project.xml", (1980, 1, 1, 0, 0, 0)),
        ("metadata.xml", (1980, 1, 1, 0, 0, 0)),
    ]


@pytest.mark.parametrize("name", ["project.xml", "metadata.xml"])
def test_the_files_are_these(name, monkeypatch):
    """The golden files: a waltz for flute, then a march with drums in which the tempo changes."""
    monkeypatch.setattr("seqvae.export.dawproject.__version__", "0.0")
    archive = zipfile.ZipFile(io.BytesIO(dawproject_bytes(TWO_CLIPS, LABELS)))

    assert archive.read(name).decode() == (GOLDEN / name).read_text("utf-8")


def test_silent_instrument_is_stopped():
    """The waltz has no drums: its slot is empty and stops what the march began."""
    slots = unpack(dawproject_bytes(TWO_CLIPS, LABELS)).findall("Scenes/Scene[1]/Lanes/ClipSlot")

    assert [(len(slot), slot.get("hasStop")) for slot in slots] == [(1, "true"), (0, "true")]


def test_names_that_xml_cannot_say_are_cleaned():
    """Control characters and the two code points outside XML leave names and labels."""
    named = Score((Track((Note(0, 1, 60, 1),), name="a\x00\ufffe\uffff<b"),), end_tick=1)
    track = unpack(dawproject_bytes([named], ["\x1bx"])).find("Structure/Track")

    assert track.get("name") == "a<b"


def test_every_track_has_a_name():
    """A DAW shows no blank track."""
    tracks = unpack(dawproject_bytes([Score((Track(()),))], ["x"])).findall("Structure/Track")

    assert [track.get("name") for track in tracks] == ["Track 1", "Master"]
