"""Clips as one DAWproject 1.0 file: a clip per step in the arrangement, a scene per step in the launcher.

The file is a ZIP of project.xml and metadata.xml, the same bytes every time. Times are in quarter notes,
counted from the start of the arrangement for clips and markers, from the start of the clip for notes.
The General MIDI program of a track is told in its comment, the only place the format has for it.
"""

import io
import zipfile
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from seqvae import __version__
from seqvae.export.arrangement import arrange, instruments_of
from seqvae.midi.notes import Metre, Note, Score, Track
from seqvae.midi.text import clean_text
from seqvae.midi.write import assign_channels

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can say, so that bytes do not depend on the clock
_NOT_IN_XML = dict.fromkeys([0xFFFE, 0xFFFF])


def dawproject_bytes(scores: Sequence[Score], labels: Sequence[str]) -> bytes:
    """Return scores of one resolution, end to end and as scenes, as a DAWproject file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, root in (("project.xml", project_xml(scores, labels)), ("metadata.xml", _metadata(labels))):
            ET.indent(root)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n")
    return buffer.getvalue()


def project_xml(scores: Sequence[Score], labels: Sequence[str]) -> ET.Element:
    """Return the root of project.xml."""
    whole = arrange(scores, labels)
    root = ET.Element("Project", version="1.0")
    ET.SubElement(root, "Application", name="seqvae", version=__version__)
    _add_transport(root, whole)
    _add_structure(root, whole)
    _add_arrangement(root, whole, scores)
    _add_scenes(root, whole, scores)
    return root


def _metadata(labels: Sequence[str]) -> ET.Element:
    root = ET.Element("MetaData")
    ET.SubElement(root, "Title").text = _text(" – ".join(dict.fromkeys((labels[0], labels[-1]))))
    ET.SubElement(root, "Comment").text = "made by seqvae"
    return root


def _add_transport(root: ET.Element, whole: Score) -> None:
    transport = ET.SubElement(root, "Transport")
    tempo = _bpm(whole.tempi[0].microseconds_per_quarter)
    ET.SubElement(transport, "Tempo", unit="bpm", value=tempo, id="tempo", name="Tempo")
    ET.SubElement(transport, "TimeSignature", _metre(whole.metres[0]), id="metre")


def _add_structure(root: ET.Element, whole: Score) -> None:
    structure = ET.SubElement(root, "Structure")
    for number, track in enumerate(whole.tracks, 1):
        comment = "drums" if track.is_drum else f"General MIDI program {track.program + 1}, counted from 1"
        names = {"id": _track_id(number), "name": _text(track.name) or f"Track {number}", "comment": comment}
        element = ET.SubElement(structure, "Track", names, contentType="notes", loaded="true")
        _add_channel(element, f"channel{number}", {"role": "regular", "destination": "master"})
    master = ET.SubElement(structure, "Track", contentType="audio notes", id="masterTrack", name="Master")
    _add_channel(master, "master", {"role": "master"})


def _add_channel(track: ET.Element, name: str, routing: dict[str, str]) -> None:
    channel = ET.SubElement(track, "Channel", routing, id=name, audioChannels="2", solo="false")
    ET.SubElement(channel, "Mute", value="false", id=f"{name}Mute", name="Mute")
    pan = {"min": "0", "max": "1", "unit": "normalized", "value": "0.5"}
    ET.SubElement(channel, "Pan", pan, id=f"{name}Pan", name="Pan")
    volume = {"min": "0", "max": "2", "unit": "linear", "value": "1"}
    ET.SubElement(channel, "Volume", volume, id=f"{name}Volume", name="Volume")


def _add_arrangement(root: ET.Element, whole: Score, scores: Sequence[Score]) -> None:
    arrangement = ET.SubElement(root, "Arrangement", id="arrangement")
    lanes = ET.SubElement(arrangement, "Lanes", timeUnit="beats", id="lanes")
    channels = assign_channels(whole.tracks)
    played = [instruments_of(score) for score in scores]
    for number, (instrument, channel) in enumerate(zip(instruments_of(whole), channels, strict=True), 1):
        lane = ET.SubElement(lanes, "Lanes", track=_track_id(number), id=f"lanes{number}")
        clips = ET.SubElement(lane, "Clips", id=f"clips{number}")
        for (start, label), score, tracks in zip(whole.markers, scores, played, strict=True):
            if instrument in tracks:
                span = {"time": _beats(start, whole), "duration": _beats(score.end_tick, score)}
                clip = ET.SubElement(clips, "Clip", span, playStart="0", name=_text(label))
                _add_notes(clip, score, tracks[instrument], channel)
    markers = ET.SubElement(arrangement, "Markers", timeUnit="beats", id="markers")
    for tick, label in whole.markers:
        ET.SubElement(markers, "Marker", time=_beats(tick, whole), name=_text(label))
    _add_automation(arrangement, whole)


def _add_automation(arrangement: ET.Element, whole: Score) -> None:
    """Write changes of tempo and metre; where there are none the transport says all."""
    if len(whole.tempi) > 1:
        points = _add_points(arrangement, "TempoAutomation", {"id": "tempoPoints", "unit": "bpm"}, "tempo")
        for tick, microseconds in whole.tempi:
            time = _beats(tick, whole)
            ET.SubElement(points, "RealPoint", time=time, value=_bpm(microseconds), interpolation="hold")
    if len(whole.metres) > 1:
        points = _add_points(arrangement, "TimeSignatureAutomation", {"id": "metrePoints"}, "metre")
        for metre in whole.metres:
            ET.SubElement(points, "TimeSignaturePoint", _metre(metre), time=_beats(metre.tick, whole))


def _add_points(arrangement: ET.Element, name: str, attributes: dict[str, str], parameter: str) -> ET.Element:
    points = ET.SubElement(arrangement, name, attributes, timeUnit="beats")
    ET.SubElement(points, "Target", parameter=parameter)
    return points


def _add_scenes(root: ET.Element, whole: Score, scores: Sequence[Score]) -> None:
    """Write a row of the launcher per step; where an instrument is silent its slot stops it."""
    scenes = ET.SubElement(root, "Scenes")
    channels = assign_channels(whole.tracks)
    for row, ((_, label), score) in enumerate(zip(whole.markers, scores, strict=True), 1):
        scene = ET.SubElement(scenes, "Scene", id=f"scene{row}", name=_text(label))
        lanes = ET.SubElement(scene, "Lanes", timeUnit="beats", id=f"scene{row}Lanes")
        tracks = instruments_of(score)
        for number, (instrument, channel) in enumerate(zip(instruments_of(whole), channels, strict=True), 1):
            names = {"track": _track_id(number), "id": f"slot{row}x{number}"}
            slot = ET.SubElement(lanes, "ClipSlot", names, hasStop="true")
            if instrument in tracks:
                length = _beats(score.end_tick, score)
                span = {"time": "0", "duration": length}
                loop = {"playStart": "0", "loopStart": "0", "loopEnd": length}
                clip = ET.SubElement(slot, "Clip", span | loop, name=_text(label))
                _add_notes(clip, score, tracks[instrument], channel)


def _add_notes(clip: ET.Element, score: Score, track: Track, channel: int) -> None:
    notes = ET.SubElement(clip, "Notes")
    for note in sorted(track.notes):
        ET.SubElement(notes, "Note", _note(note, score), channel=str(channel))


def _note(note: Note, score: Score) -> dict[str, str]:
    return {
        "time": _beats(note.start, score),
        "duration": _beats(note.end - note.start, score),
        "key": str(note.pitch),
        "vel": _number(note.velocity / 127),
    }


def _metre(metre: Metre) -> dict[str, str]:
    return {"numerator": str(metre.numerator), "denominator": str(metre.denominator)}


def _beats(ticks: int, score: Score) -> str:
    return _number(ticks / score.ticks_per_quarter)


def _bpm(microseconds_per_quarter: int) -> str:
    return _number(60e6 / microseconds_per_quarter)


def _number(value: float) -> str:
    """Write a number with digits enough to find ticks and microseconds again, never with an exponent."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _track_id(number: int) -> str:
    return f"track{number}"


def _text(text: str) -> str:
    return clean_text(text).translate(_NOT_IN_XML)
