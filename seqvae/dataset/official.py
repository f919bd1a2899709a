"""The split that a corpus brings along: a table in its folder that says of each file where it belongs.

The table is a .csv file with a header, directly in the folder of the corpus, with a column `split` (train,
valid, validation, dev or test) and one of file names, relative to the folder: `midi_filename`, `filename`,
`file`, `path` or `name`. Files that it does not list are split like those of any corpus.
"""

import csv
from collections.abc import Mapping

from seqvae.dataset.places import Place
from seqvae.errors import DataError

SUFFIX = ".csv"
NAME_COLUMNS = ("midi_filename", "filename", "file", "path", "name")
SPLIT_COLUMN = "split"
SPLIT_WORDS: Mapping[str, str] = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
}


def official_splits(folder: Place) -> dict[str, str]:
    """Return the split of each file that a table in the folder lists; nothing without a table."""
    paths: list[Place] = sorted(filter(_is_table, folder.iterdir()), key=str)
    tables = [(path, _read_table(path)) for path in paths]
    tables = [(path, table) for path, table in tables if table]
    if len(tables) > 1:
        names = " and ".join(path.name for path, _ in tables)
        raise DataError(f"{folder}: both {names} split the corpus; keep one of them")
    return tables[0][1] if tables else {}


def _is_table(path: Place) -> bool:
    return path.suffix.lower() == SUFFIX and path.is_file()


def _read_table(path: Place) -> dict[str, str]:
    """Read a table of files and splits; nothing if its header is another, DataError if a row is."""
    splits = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or ()
            name_column = next((name for name in NAME_COLUMNS if name in columns), None)
            if name_column is None or SPLIT_COLUMN not in columns:
                return {}
            for row in reader:
                word = (row[SPLIT_COLUMN] or "").strip().casefold()
                if word not in SPLIT_WORDS:
                    raise DataError(
                        f"{path}, line {reader.line_num}: unknown split {word!r}; choose train, valid or test"
                    )
                splits[(row[name_column] or "").strip().replace("\\", "/")] = SPLIT_WORDS[word]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table ({error}); save it as CSV in UTF-8") from error
    return splits
