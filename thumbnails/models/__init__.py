from thumbnails.models.picture import Picture, PictureQuerySet
from thumbnails.models.rendition import EXTENSIONS, Rendition

__all__ = ["EXTENSIONS", "Picture", "PictureQuerySet", "Rendition"]
