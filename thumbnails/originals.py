"""What was uploaded, as the worker reads it: from wherever the storage keeps it, whoever put it there."""

from thumbnails.models import Picture
from thumbnails.refusals import UnsupportedPicture, too_many_bytes


def read(picture: Picture, max_bytes: int) -> bytes:
    """The whole file, once its size is known to be acceptable; its row is told that size when nobody had counted it.

    Raises UnsupportedPicture, before it is transferred, when it is larger than ``max_bytes``; and what the storage
    raises, FileNotFoundError when the file is not there (yet).
    """
    with picture.original.storage.open(str(picture.original)) as file:
        size = file.size
        if not picture.bytes:
            Picture.objects.filter(pk=picture.pk).update(bytes=size)
        if size > max_bytes:
            raise UnsupportedPicture(too_many_bytes(size, max_bytes))
        # One more than accepted is enough to refuse what has grown meanwhile.
        return file.read(max_bytes + 1)
