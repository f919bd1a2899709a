import pytest

from seqvae.dataset.places import place_of
from seqvae.errors import DataError


def test_an_empty_name_is_not_the_current_folder():
    """A variable of the shell that was never set prepares nothing."""
    with pytest.raises(DataError, match="a corpus has an empty name"):
        place_of("")
