"""Files that gave nothing: counted by reason in memory, told in full on the disk."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import indent

from seqvae.dataset.pieces import BadFile
from seqvae.dataset.table import Texts


class BadFiles:
    """All of them in the order of their files."""

    def __init__(self, files: Iterable[BadFile] = (), folder: Path | None = None) -> None:
        """Take files over in their order."""
        self.reasons: Counter[str] = Counter()
        self.corpora: set[str] = set()
        self._texts = Texts(folder=folder)
        for file in files:
            self.add(file)

    def __len__(self) -> int:
        """Count them."""
        return len(self._texts)

    def add(self, bad: BadFile) -> None:
        """Put one behind the others."""
        self.reasons[bad.reason] += 1
        self.corpora.add(bad.source.corpus)
        entry = {"corpus": bad.source.corpus, "name": bad.source.name, "detail": bad.detail}
        self._texts.extend([json.dumps([bad.reason, entry])])

    def json_parts(self) -> Iterator[str]:
        """Write them part by part: the files of each reason, reasons in order."""
        yield '{\n "bad_files": {'
        for number, reason in enumerate(sorted(self.reasons)):
            yield f"{',' * (number > 0)}\n  {json.dumps(reason)}: ["
            entries = (entry for why, entry in map(json.loads, self._texts) if why == reason)
            for place, entry in enumerate(entries):
                yield ",\n" * (place > 0) or "\n"
                yield indent(json.dumps(entry, indent=1, sort_keys=True), "   ")
            yield "\n  ]"
        yield "\n }\n}\n" if self.reasons else "}\n}\n"
